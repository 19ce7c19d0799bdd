internal import Glibc

/// Paths as text.
///
/// The kernel takes a path as bytes, and a `String` cannot hold bytes that are not UTF-8. So each such byte 0xNN stands in
/// the text as U+10FFNN, a character of private use, and becomes the byte again where a system call takes the path. A
/// path that is UTF-8 and has none of these characters is itself.
package enum PathText {
    /// The path of these bytes, without a final NUL, as text.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        scan(bytes) { part in
            switch part {
            case .scalar(let scalar): text.append(scalar)
            case .bytes(let bytes): for byte in bytes { text.append(escape(byte)) }
            }
        }
        return String(text)
    }

    /// The path that ends in NUL at a pointer, copied.
    package static func text(cString: UnsafePointer<CChar>) -> String {
        // Sound: as sound as the pointer, which the caller vouches for.
        unsafe text(UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
    }

    /// The bytes of a path, without a final NUL.
    package static func bytes(_ text: String) -> [UInt8] {
        guard !isPlain(text) else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if let byte = byte(scalar) { bytes.append(byte) } else { bytes += Array(String(scalar).utf8) }
        }
        return bytes
    }

    /// The path for a message: bytes that are not UTF-8 are shown as `\xNN`.
    package static func printable(_ text: String) -> String {
        guard !isPlain(text) else { return text }
        return text.unicodeScalars.map { scalar in byte(scalar).map(hexadecimal) ?? String(scalar) }.joined()
    }

    /// Whether the text is the path as it stands.
    package static func isPlain(_ text: String) -> Bool { !text.unicodeScalars.contains { byte($0) != nil } }

    /// Lends the path with its final NUL to a system call, for the length of the call.
    ///
    /// Safe as long as `body` only passes the pointer on to a call that does not keep it.
    @safe package static func withCString<Success>(_ text: String, _ body: (UnsafePointer<CChar>) -> Success) -> Success
    {
        let bytes = bytes(text).map(CChar.init(bitPattern:)) + [0]
        // Sound: the array ends in NUL and outlives the call.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an array with a NUL has an address") }
            return unsafe body(start)
        }
    }

    /// The byte that a character of a path stands for; nil if it stands for itself.
    package static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        0x10FF80...0x10FFFF ~= scalar.value ? UInt8(truncatingIfNeeded: scalar.value) : nil
    }

    /// `\xNN`
    package static func hexadecimal(_ byte: UInt8) -> String { "\\x" + String(byte, radix: 16) }

    private static func escape(_ byte: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(0x10FF00 + UInt32(byte)) ?? "\u{FFFD}"
    }

    private enum Part {
        case scalar(Unicode.Scalar)
        case bytes([UInt8])
    }

    private static func scan(_ bytes: some Sequence<UInt8>, _ take: (Part) -> Void) {
        let bytes = Array(bytes)
        var rest = bytes.makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        var position = 0
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                let end = position + encoded.count
                // A character that would be taken for a byte stands as its own bytes.
                take(byte(scalar) == nil ? .scalar(scalar) : .bytes(Array(bytes[position..<end])))
                position = end
            case .error(let length):
                take(.bytes(Array(bytes[position..<(position + length)])))
                position += length
            case .emptyInput:
                return
            }
        }
    }
}
