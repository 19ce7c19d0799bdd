/// What stands for a user where the user is not to be named: the first 128 bits of a keyed digest.
///
/// The same as `MOSAIC_TARGET` in audit records, unless those have targets as they are (`AuditTargets=plain`).
public struct TargetHash: Hashable, Sendable, CustomStringConvertible {
    /// The first 64 bits.
    package let high: UInt64
    /// The other 64 bits.
    package let low: UInt64

    /// The hash of these two halves.
    /// No hash yet.
    init() { self.init(high: 0, low: 0) }

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 hexadecimal digits, with letters of either case; nil if the text is anything else.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 32, TextForm.targetHash.accepts(digits),
            let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 hexadecimal digits, the letters in lower case, as `MOSAIC_TARGET` has them.
    public var description: String { String(hexadecimal: high, low) }
}
