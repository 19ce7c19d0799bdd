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
