import Crypto
import Synchronization

/// The target of an attempt or a send: a user of an application, without a name.
package struct ThrottleTarget: Sendable, Hashable {
    /// The application, hashed: 64 bits.
    package let application: UInt64
    /// The user.
    package let digest: TargetDigest.Value

    /// The user with this digest, of an application with this id.
    package init(application: String, digest: TargetDigest.Value) {
        self.init(application: Self.hash(ofApplication: application), digest: digest)
    }

    init(application: UInt64, digest: TargetDigest.Value) {
        self.application = application
        self.digest = digest
    }

    /// What stands for an application: the first 64 bits of the SHA-256 of its id.
    package static func hash(ofApplication application: String) -> UInt64 {
        SHA256.hash(data: Array(application.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The hashes of the applications that calls are about, each worked out once: there are no more than configured clients.
final class ApplicationHashes: Sendable {
    private static let limit = 256
    private let known = Mutex<[String: UInt64]>([:])

    /// No hash is known yet.
    init() {}

    /// What stands for an application.
    subscript(_ application: String) -> UInt64 {
        known.withLock { known in
            if let hash = known[application] { return hash }
            let hash = ThrottleTarget.hash(ofApplication: application)
            if known.count < Self.limit { known[application] = hash }
            return hash
        }
    }
}

/// What kind of message a send is: those of one method by one channel have an interval of their own.
package struct SendKind: Sendable, Hashable {
    /// No send.
    static let none = SendKind(hash: 0)

    let hash: UInt64

    init(hash: UInt64) { self.hash = hash }

    /// The kind of what a method sends by a channel: the first 64 bits of the SHA-256 of both names.
    package init(method: String, channel: String) {
        hash = SHA256.hash(data: Array("\(method) \(channel)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
