package import AgentProtocol
import Systemd

/// The name of a unit as an access rule gives it, in which `*` stands for any run of characters.
///
/// A template and its instances are not told apart by dots and stars but by the first `@`: a pattern without one never
/// admits an instance, so `web-*.service` is no way into `web-@.service`. With one, the two sides are compared each for
/// itself: `worker@*.service` admits every instance, `worker@eu-*.service` some. `worker@.service` admits every instance,
/// too, as its drop-ins are those of every instance. Bytes are compared as they are.
package struct UnitPattern: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no pattern, as a phrase.
    package struct Mistake: Error, Hashable {
        /// What is wrong.
        package let what: String
    }

    /// As it was written.
    package let description: String
    private let prefix: [UInt8]
    private let instance: [UInt8]?
    private let type: String

    /// The pattern that `text` writes.
    package init(_ text: String) throws(Mistake) {
        let types = UnitName.typesWithProcesses.map { ".\($0)" }.joined(separator: " ")
        guard let name = UnitName(text, alsoAllowing: [ByteGlob.star]) else {
            throw Mistake(
                what: "is no name of a unit, which ends in its type (\(types)), has at most "
                    + "\(UnitName.maximumBytes) bytes, and letters, digits and : - _ . \\ @, here also *"
            )
        }
        guard UnitName.typesWithProcesses.contains(name.type) else {
            throw Mistake(what: "never matches: units of the type \(name.type) have no processes (\(types) have)")
        }
        self.description = text
        self.prefix = Array(name.prefix.utf8)
        self.instance = name.instance.map { $0.isEmpty ? [ByteGlob.star] : Array($0.utf8) }
        self.type = name.type
    }

    /// Whether a unit of this name is meant.
    package func matches(_ text: String) -> Bool {
        guard let name = UnitName(text), name.canHaveProcesses, name.type == self.type else { return false }
        guard ByteGlob.matches(self.prefix[...], Array(name.prefix.utf8)[...]) else { return false }
        switch (self.instance, name.instance) {
        case (nil, nil): return true
        case (let glob?, let instance?): return ByteGlob.matches(glob[...], Array(instance.utf8)[...])
        default: return false
        }
    }
}

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

/// Patterns in which `*` stands for any run of bytes, also none; every other byte stands for itself.
enum ByteGlob {
    /// The byte that stands for others.
    static let star = UInt8(ascii: "*")

    /// Whether the value looks like the pattern.
    ///
    /// Matches greedily with one point to come back to: the time is at most the product of the two lengths.
    ///
    /// - Parameter starCovers: which bytes `*` may stand for.
    static func matches(
        _ glob: ArraySlice<UInt8>,
        _ value: ArraySlice<UInt8>,
        starCovers: (UInt8) -> Bool = { _ in true }
    ) -> Bool {
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
}
