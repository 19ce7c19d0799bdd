/// A secret could not be read from a file. No text of it contains anything of the file's content.
package struct SecretFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    package enum Problem: Hashable, Sendable {
        /// The name of a credential is not one.
        case invalidName
        /// There is no such file.
        case missing
        /// The path's last part is a symbolic link.
        case symbolicLink
        /// A directory, pipe, socket or device.
        case notRegular
        /// It belongs to the user with this id, neither root nor this process's.
        case foreignOwner(UInt32)
        /// Its directory belongs to the user with this id.
        case foreignDirectory(UInt32)
        /// Others than its owner can put files into its directory.
        case openDirectory(mode: UInt32)
        /// Others than its owner have access; both are permission bits.
        case tooPermissive(mode: UInt32, allowed: UInt32)
        /// It has no byte but perhaps a line feed.
        case empty
        /// It is longer than `SecretFile.maximumSize`.
        case tooLarge
        /// The kernel refused to open or read it.
        case system(SystemCallError)
    }

    /// The file.
    package let path: String
    /// What was wrong with it.
    package let problem: Problem

    /// An error about the file at `path`.
    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// The file, what is wrong with it, and what is allowed.
    package var description: String {
        "\(self.path): \(self.explanation)"
    }

    private var explanation: String {
        switch self.problem {
        case .invalidName:
            "not the name of a credential; allowed are 1 to 255 of A-Z a-z 0-9 . _ -, the first one not a dot"
        case .missing:
            "there is no such file"
        case .symbolicLink:
            "it is a symbolic link; a secret is only read from a regular file"
        case .notRegular:
            "it is no regular file"
        case .foreignOwner(let user):
            "it belongs to user \(user); a secret is only read from a file of root or of the user this program runs as"
        case .foreignDirectory(let user):
            "its directory belongs to user \(user); a secret is only written into one of root or of the user this program runs as"
        case .openDirectory(let mode):
            "its directory has mode \(Self.octal(mode)); allowed is one that only its owner can write (chmod go-w)"
        case .tooPermissive(let mode, let allowed):
            "its mode is \(Self.octal(mode)); allowed is \(Self.octal(allowed)) or stricter, so that no other user can read it"
        case .empty:
            "it is empty; it must hold the secret and nothing else"
        case .tooLarge:
            "it is longer than \(SecretFile.maximumSize) bytes; it must hold the secret and nothing else"
        case .system(let error):
            "cannot be read: \(error.reason)"
        }
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
