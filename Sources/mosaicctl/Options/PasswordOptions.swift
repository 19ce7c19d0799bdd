import ArgumentParser
import Secrets

/// Where a password comes from: the terminal, unless it is said.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false

    @Option(help: ArgumentHelp("Read the password from a file.", valueName: "path"))
    var passwordFile: String?

    /// Whether it is said.
    var isGiven: Bool { passwordStdin || passwordFile != nil }

    func validate() throws {
        if passwordStdin, passwordFile != nil {
            throw ValidationError("--password-stdin and --password-file exclude each other")
        }
    }

    /// The password; one LF at its end is dropped.
    ///
    /// - Parameter prompt: what a person is asked.
    func password(prompt: String) throws -> Secret {
        try SecretReader.secret(.password, standardInput: passwordStdin, file: passwordFile, prompt: prompt)
    }

    /// A password that is to be set; a person is asked twice, since what is typed is not shown.
    func newPassword(prompt: String) throws -> Secret {
        let first = try password(prompt: prompt)
        guard !isGiven else { return first }
        guard try TerminalPrompt.ask("Once more: ") == first else {
            throw CommandFailure(.usage, "the two passwords differ; nothing was sent")
        }
        return first
    }
}

/// Whether a new password must be replaced at the next login. There is no default: Mosaic's own would surprise.
enum PasswordLifetime: String, EnumerableFlag {
    case temporary
    case permanent

    static func help(for value: PasswordLifetime) -> ArgumentHelp? {
        switch value {
        case .temporary: "The password must be replaced at the next login."
        case .permanent: "The password is the user's own choice and stays."
        }
    }
}
