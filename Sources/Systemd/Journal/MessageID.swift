/// What kind of event a journal entry tells of: its `MESSAGE_ID`, which `journalctl -x` looks up in the message catalogue.
///
/// 128 bits, written as 32 lower-case hexadecimal digits.
package struct MessageID: Hashable, Sendable, CustomStringConvertible {
    /// The 32 digits.
    package let description: String

    /// nil unless `text` is 32 hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
            return nil
        }
        self.description = text.lowercased()
    }

    /// The 128 bits, upper half first, as in `MessageID(0x9ed1…, 0x04ab…)`.
    package init(_ high: UInt64, _ low: UInt64) {
        self.description = [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
