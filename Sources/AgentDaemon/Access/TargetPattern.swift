package import AgentProtocol

/// One word of `Users=`: a kind of identifier, and what the identifier must look like.
///
/// `email` admits every e-mail address, `email:*@example.com` those that end so, `username:alice` only that one. Bytes are
/// compared as they are. `*` stands for any run of bytes, also none, but never for `@`, white space or a control
/// character, so that a pattern for one mail domain cannot be met by a longer, oddly written address of another.
package struct TargetPattern: Sendable, Hashable {
    /// The kind of identifier.
    package let kind: IdentifierKind
    /// What it must look like; nil admits every identifier of the kind.
    package let glob: [UInt8]?

    /// A pattern.
    package init(kind: IdentifierKind, glob: String? = nil) {
        self.kind = kind
        self.glob = glob.map { Array($0.utf8) }
    }

    /// Whether the target is of the kind and looks like the pattern.
    package func matches(_ target: Target) -> Bool {
        guard target.kind == kind else { return false }
        guard let glob else { return true }
        return ByteGlob.matches(glob[...], target.identifier.bytes[...], starCovers: Self.starCovers)
    }

    private static func starCovers(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "@")
    }
}
