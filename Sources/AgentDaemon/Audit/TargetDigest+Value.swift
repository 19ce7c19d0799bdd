extension TargetDigest {
    /// The digest of a user: 128 bits.
    package struct Value: Sendable, Hashable, CustomStringConvertible {
        /// The first 64 bits.
        let high: UInt64
        /// The other 64 bits.
        let low: UInt64

        init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }

        /// The digest with these 16 bytes.
        package init(bytes: some Sequence<UInt8>) {
            let bytes = Array(bytes)
            precondition(bytes.count == 16, "a digest of 16 bytes")
            high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// Reads 32 hexadecimal digits, as `MOSAIC_TARGET` has them; nil if the text is anything else.
        package init?(_ text: String) {
            let digits = Array(text.utf8)
            guard digits.count == 32, !digits.contains(UInt8(ascii: "+")), !digits.contains(UInt8(ascii: "-")),
                let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
                let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16)
            else { return nil }
            self.init(high: high, low: low)
        }

        /// 32 lower-case hexadecimal digits, as `MOSAIC_TARGET` has them.
        package var description: String {
            [high, low].map { half in
                let digits = String(half, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
        }
    }
}
