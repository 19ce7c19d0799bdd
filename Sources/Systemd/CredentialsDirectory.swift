internal import Glibc
package import Secrets

/// The credentials that the service manager gave to this service (`LoadCredential=` and the like, systemd.exec(5)).
package struct CredentialsDirectory: Hashable, Sendable {
    /// An absolute path.
    package let path: String

    /// The directory in `$CREDENTIALS_DIRECTORY`; nil when that is not set or no absolute path: then there are none.
    package init?(environment: Environment = .process) {
        guard let path = environment["CREDENTIALS_DIRECTORY"], path.hasPrefix("/") else { return nil }
        self.path = path
    }

    /// The credential `name`, without one line feed at its end.
    ///
    /// As strict about the file as `SecretFile.read(path:)`, but the group may read it: an access control list, by which
    /// the manager gives it to the service's user, looks like that.
    package func read(_ name: String) throws(SecretFileError) -> Secret {
        try self.read(name, user: geteuid())
    }

    func read(_ name: String, user: uid_t) throws(SecretFileError) -> Secret {
        let path = "\(self.path)/\(name)"
        // A name with a slash could lead out of the directory.
        guard Self.isValid(name) else { throw .init(path: path, problem: .invalidName) }
        return try SecretFile.read(path: path, rules: .credential, user: user)
    }

    private static func isValid(_ name: String) -> Bool {
        guard 1...255 ~= name.utf8.count, name.utf8.first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
