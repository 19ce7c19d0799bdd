/// What stands for a user where the user is not to be named: the first 128 bits of a keyed digest.
///
/// The same as `MOSAIC_TARGET` in audit records, unless those have targets as they are (`AuditTargets=plain`).
public struct TargetHash: Hashable, Sendable, CustomStringConvertible {
    /// The first 64 bits.
    package let high: UInt64
    /// The other 64 bits.
    package let low: UInt64

    /// The hash of these two halves.
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

extension Field {
    /// `target` of what is told about a user: read with `targetHash`.
    static let targetHash = required(
        "target",
        .formed(.targetHash, 32...32),
        doc: "The hash of the user: `MOSAIC_TARGET`, unless audit records have users as they are."
    )
}

extension ObjectReader {
    /// The hash of a target that may be missing.
    func optionalTargetHash(_ key: String) throws(SchemaViolation) -> TargetHash? {
        guard let text = try optionalText(key) else { return nil }
        guard let hash = TargetHash(text) else {
            throw SchemaViolation(.form(TextForm.targetHash.rule), at: key)
        }
        return hash
    }

    /// The hash of a target.
    func targetHash(_ key: String) throws(SchemaViolation) -> TargetHash {
        guard let hash = try optionalTargetHash(key) else { throw SchemaViolation(.missing, at: key) }
        return hash
    }
}
