import StrictJSON
import Testing

@testable import StrictJSON

@Suite struct `The end of a plain text` {
    private static func isPlain(_ byte: UInt8, beyondASCII: Bool) -> Bool {
        byte >= 0x20 && byte != 0x22 && byte != 0x5C && (beyondASCII || byte < 0x80)
    }

    @Test(arguments: [true, false])
    func `is where a byte by byte search finds it, for every byte at every place`(beyondASCII: Bool) {
        for count in 0...70 {
            var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            expect(bytes, beyondASCII: beyondASCII)
            for place in bytes.indices {
                for byte: UInt8 in [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xFF] {
                    bytes[place] = byte
                    expect(bytes, beyondASCII: beyondASCII)
                    bytes[place] = UInt8(ascii: "a")
                }
            }
        }
    }

    private func expect(_ bytes: [UInt8], beyondASCII: Bool) {
        for start in [0, 1, 15, 16, bytes.count] where start <= bytes.count {
            let expected =
                (start..<bytes.count).first { !Self.isPlain(bytes[$0], beyondASCII: beyondASCII) } ?? bytes.count
            let found = unsafe bytes.withUnsafeBytes { buffer in
                beyondASCII
                    ? unsafe PlainText.endOfUnescaped(in: buffer, from: start)
                    : unsafe PlainText.endOfASCII(in: buffer, from: start)
            }
            // An expectation for each would take longer than all the rest.
            if found != expected { Issue.record("\(bytes) from \(start): \(found), not \(expected)") }
        }
    }
}

@Suite struct `Integers` {
    @Test(arguments: [0, 1, -1, 9, 10, -10, 99, 100, 123_456_789, .max, .min, .min + 1] as [Int])
    func `are written as their decimal digits`(value: Int) {
        var writer = JSONWriter()
        writer.integer(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(value)")
    }
}
