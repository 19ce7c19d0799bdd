#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Whether two texts have the same bytes.
func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            // Sound: both buffers have as many bytes, and none of an empty one is looked at.
            guard let start = left.baseAddress, let other = right.baseAddress else { return true }
            return unsafe memcmp(start, other, left.count) == 0
        }
    }
}

/// Where a run of bytes ends that stand in a JSON string as they are.
///
/// Tokens and identifiers are long and have nothing else in them, so sixteen bytes are looked at in one step.
package enum PlainText {
    private typealias Block = SIMD16<UInt8>

    /// The first position from `start` on of a quotation mark, a backslash, a control character or a byte of a multibyte
    /// scalar; the number of bytes if there is none.
    static func endOfASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        unsafe end(in: bytes, from: start, plainBelow: 0x80)
    }

    /// Whether a text stands in a JSON string as it is (RFC 8259, section 7).
    package static func standsForItself(_ text: Span<UInt8>) -> Bool {
        // Sound: the buffer is only read, and only inside the closure.
        unsafe text.withUnsafeBytes { unsafe endOfUnescaped(in: $0, from: 0) } == text.count
    }

    /// The first position from `start` on of a quotation mark, a backslash or a control character; the number of bytes if
    /// there is none.
    static func endOfUnescaped(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        unsafe end(in: bytes, from: start, plainBelow: nil)
    }

    @inline(__always)
    private static func end(in bytes: UnsafeRawBufferPointer, from start: Int, plainBelow limit: UInt8?) -> Int {
        var position = start
        while position + Block.scalarCount <= bytes.count {
            // Sound: the sixteen bytes are within the buffer.
            let block = unsafe bytes.loadUnaligned(fromByteOffset: position, as: Block.self)
            var special =
                (block .== Block(repeating: UInt8(ascii: "\""))) .| (block .== Block(repeating: UInt8(ascii: "\\")))
                .| (block .< Block(repeating: 0x20))
            if let limit { special .|= block .>= Block(repeating: limit) }
            // A mask has all bits of an element set or none. Sound: both types are sixteen bytes without padding.
            let words = unsafe unsafeBitCast(special, to: SIMD2<UInt64>.self)
            if words[0] != 0 { return position + UInt64(littleEndian: words[0]).trailingZeroBitCount / 8 }
            if words[1] != 0 { return position + 8 + UInt64(littleEndian: words[1]).trailingZeroBitCount / 8 }
            position += Block.scalarCount
        }
        while position < bytes.count {
            let byte = unsafe bytes[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            if let limit, byte >= limit { break }
            position += 1
        }
        return position
    }
}
