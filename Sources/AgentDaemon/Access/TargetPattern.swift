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
        return Self.matches(glob[...], target.identifier.bytes[...])
    }

    /// Matches greedily with one point to come back to: the time is at most the product of the two lengths.
    private static func matches(_ glob: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
        let star = UInt8(ascii: "*")
        var glob = glob
        var value = value
        var retry: (glob: ArraySlice<UInt8>, value: ArraySlice<UInt8>)?
        while true {
            if glob.first == star {
                glob = glob.dropFirst()
                retry = (glob, value)
            } else if let byte = value.first, byte == glob.first {
                glob = glob.dropFirst()
                value = value.dropFirst()
            } else if value.isEmpty, glob.isEmpty {
                return true
            } else if let point = retry, let byte = point.value.first, starCovers(byte) {
                glob = point.glob
                value = point.value.dropFirst()
                retry = (glob, value)
            } else {
                return false
            }
        }
    }

    private static func starCovers(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "@")
    }
}
