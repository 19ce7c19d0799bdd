/// Base64 (RFC 4648) over bytes: the standard alphabet out, the URL alphabet in.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Encodes with the standard alphabet and padding (section 4).
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? Int(bytes[start + offset]) : 0)
            }
            for digit in 0..<4 {
                encoded.append(digit <= count ? alphabet[group >> (18 - 6 * digit) & 0x3F] : UInt8(ascii: "="))
            }
        }
        return encoded
    }

    /// Encodes with the URL alphabet and without padding (section 5), as tokens want it (RFC 7515).
    static func encodeURL(_ bytes: [UInt8]) -> [UInt8] {
        encode(bytes).prefix { $0 != UInt8(ascii: "=") }.map { digit in
            switch digit {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: digit
            }
        }
    }

    /// Decodes the URL alphabet without padding (section 5), as used in tokens (RFC 7515).
    ///
    /// - Returns: The bytes, or `nil` when the text is no such encoding.
    static func decodeURL(_ text: some Sequence<UInt8>) -> [UInt8]? { decodeURL(Array(text).span) }

    /// Decodes the URL alphabet without padding, as ``decodeURL(_:)`` of other sequences does.
    static func decodeURL(_ text: Span<UInt8>) -> [UInt8]? {
        // A single character left over carries less than a byte.
        guard text.count % 4 != 1 else { return nil }
        var isValid = true
        let decoded = unsafe [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { decoded, count in
            // Sound: the table has a value for every byte, four characters are read where there are four, and what they
            // stand for is what there is room for.
            unsafe values.withUnsafeBufferPointer { values in
                unsafe text.withUnsafeBufferPointer { text in
                    var position = 0
                    while position + 4 <= text.count {
                        let first = unsafe values[Int(text[position])]
                        let second = unsafe values[Int(text[position + 1])]
                        let third = unsafe values[Int(text[position + 2])]
                        let fourth = unsafe values[Int(text[position + 3])]
                        if first | second | third | fourth > 0x3F { isValid = false }
                        unsafe decoded[count] = first << 2 | second >> 4
                        unsafe decoded[count + 1] = second << 4 | third >> 2
                        unsafe decoded[count + 2] = third << 6 | fourth
                        count += 3
                        position += 4
                    }
                    guard position < text.count else { return }
                    let first = unsafe values[Int(text[position])]
                    let second = unsafe values[Int(text[position + 1])]
                    let third = position + 2 < text.count ? unsafe values[Int(text[position + 2])] : 0
                    if first | second | third > 0x3F { isValid = false }
                    unsafe decoded[count] = first << 2 | second >> 4
                    count += 1
                    guard position + 2 < text.count else { return }
                    unsafe decoded[count] = second << 4 | third >> 2
                    count += 1
                }
            }
        }
        return isValid ? decoded : nil
    }

    /// The value of every byte as a character of the URL alphabet; 0xFF for those that are none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        values[Int(UInt8(ascii: "+"))] = 0xFF
        values[Int(UInt8(ascii: "/"))] = 0xFF
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()
}
