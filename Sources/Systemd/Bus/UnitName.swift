/// The form of unit names (systemd.unit(5)): `PREFIX.TYPE`, `PREFIX@.TYPE` for a template and `PREFIX@INSTANCE.TYPE` for
/// one made of it.
package struct UnitName: Sendable, Hashable {
    /// The longest name, in bytes.
    package static let maximumBytes = 255

    /// All types that systemd knows.
    package static let types: Set<String> = [
        "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope",
    ]

    /// The types of units that can have processes of their own.
    ///
    /// A slice has none: its processes are those of the units in it, and belong to these.
    package static let typesWithProcesses = ["service", "scope", "socket", "mount", "swap"]

    /// What stands before the first `@`, or before the type.
    package let prefix: String
    /// What stands behind the first `@`: empty for a template, nil for a unit that is neither template nor instance.
    package let instance: String?
    /// What stands behind the last dot.
    package let type: String

    /// The parts of a name; nil if it is no name of a unit.
    package init?(_ text: String) {
        self.init(text, alsoAllowing: [])
    }

    /// The parts of a name in which further characters may stand before the type; nil if it has not the form of one.
    package init?(_ text: String, alsoAllowing further: Set<UInt8>) {
        let bytes = text.utf8
        guard bytes.count <= Self.maximumBytes, let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let stem = bytes[..<dot]
        guard Self.types.contains(String(text[bytes.index(after: dot)...])),
            stem.allSatisfy({ Self.isAllowed($0) || $0 == UInt8(ascii: "@") || further.contains($0) })
        else { return nil }
        let at = stem.firstIndex(of: UInt8(ascii: "@"))
        self.prefix = String(text[..<(at ?? dot)])
        self.instance = at.map { String(text[bytes.index(after: $0)..<dot]) }
        self.type = String(text[bytes.index(after: dot)...])
        guard !self.prefix.isEmpty else { return nil }
    }

    /// Whether processes can belong to a unit of this name: it is no template, and of a type that has processes.
    package var canHaveProcesses: Bool {
        self.instance != "" && Self.typesWithProcesses.contains(self.type)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: ":-_.\\".utf8.contains(byte)
        }
    }
}
