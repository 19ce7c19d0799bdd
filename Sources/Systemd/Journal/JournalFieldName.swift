/// The name of a journal field: one that journald keeps.
///
/// 1 to 64 bytes of `A`–`Z`, `0`–`9` and `_`, not beginning with a digit or `_` (the journal's own trusted fields do).
/// journald drops a field of any other name without a word, so names are checked here.
package struct JournalFieldName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// What journald takes, in bytes.
    package static let maximumLength = 64
    /// Begins the name of every field made from metadata, which therefore can never pass for another field.
    package static let metadataPrefix = "MOSAIC_"

    /// The name as the journal has it.
    package let description: String

    /// nil when journald would drop the field.
    package init?(_ name: String) {
        guard Self.isValid(name) else { return nil }
        self.description = name
    }

    /// A name known when this is compiled; a bad one traps.
    package init(stringLiteral name: StaticString) {
        self.description = name.description
        precondition(Self.isValid(self.description), "journald would drop a field of this name")
    }

    /// The field for metadata under `key`: upper-case, behind `MOSAIC_` (once), with `_` for all that a name cannot have,
    /// cut off at the maximum length.
    ///
    /// Different keys can share a field (`a.b` and `a-b`); a journal entry may have several values of one field.
    package init(metadataKey key: String) {
        var bytes = key.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        if !bytes.starts(with: Self.metadataPrefix.utf8) {
            bytes.insert(contentsOf: Self.metadataPrefix.utf8, at: 0)
        }
        self.description = String(decoding: bytes.prefix(Self.maximumLength), as: UTF8.self)
    }

    private static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= self.maximumLength else { return false }
        guard UInt8(ascii: "A")...UInt8(ascii: "Z") ~= first else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
