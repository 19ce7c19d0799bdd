import AgentProtocol
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

/// Where a one-time code comes from.
struct PasscodeOptions: ParsableArguments {
    @Flag(help: "Read the code from standard input.")
    var codeStdin = false

    @Option(help: ArgumentHelp("Read the code from a file.", valueName: "path"))
    var codeFile: String?

    func validate() throws {
        if codeStdin, codeFile != nil {
            throw ValidationError("--code-stdin and --code-file exclude each other")
        }
    }

    /// The code, asked for with `prompt` unless an option says where it is.
    func code(_ prompt: String, _ kind: SecretKind = .code) throws(CommandFailure) -> Secret {
        try SecretReader.secret(kind, standardInput: codeStdin, file: codeFile, prompt: prompt)
    }
}

/// Where the code of a login comes from, and what goes with it.
struct CodeOptions: ParsableArguments {
    @Flag(help: "Read the code from standard input.")
    var codeStdin = false

    @Option(help: ArgumentHelp("Read the code from a file.", valueName: "path"))
    var codeFile: String?

    @Option(help: ArgumentHelp("The request id of the send, if one was asked for.", valueName: "id"))
    var requestID: String?

    @Option(help: ArgumentHelp("Join the session whose id is in a file, as a further factor.", valueName: "path"))
    var sessionFile: String?

    @Option(help: ArgumentHelp("The organization that a member logs in to.", valueName: "id"))
    var organization: String?

    @Option(help: ArgumentHelp("The resource URI that becomes the audience of the access token.", valueName: "uri"))
    var resource: String?

    @Flag(help: "Show tokens and the session id.")
    var showTokens = false

    @OptionGroup var endUser: EndUserOptions

    func validate() throws {
        if codeStdin, codeFile != nil {
            throw ValidationError("--code-stdin and --code-file exclude each other")
        }
    }

    /// The code, asked for with `prompt` unless an option says where it is.
    func code(_ prompt: String, _ kind: SecretKind = .code) throws(CommandFailure) -> Secret {
        try SecretReader.secret(kind, standardInput: codeStdin, file: codeFile, prompt: prompt)
    }

    /// The optional parameters.
    func parameters() throws(CommandFailure) -> AuthenticationOptions {
        var options = AuthenticationOptions()
        options.requestID = requestID
        if let sessionFile {
            options.sessionID = try SecretReader.file(sessionFile, .sessionID)
        }
        options.orgID = organization
        options.resource = resource
        options.clientAttributes = endUser.attributes
        options.deviceID = endUser.deviceID
        return options
    }
}

/// What the commands that begin a password reset can say about a second factor.
struct SecondFactorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "This is the second factor; the reset token of the first is in a file (see --write-token).",
            valueName: "path"
        )
    )
    var previousTokenFile: String?

    @Flag(help: "Be content with one factor; the access rule must grant reset-ignore-mfa.")
    var ignoreMFA = false

    /// The parameters.
    func parameters() throws(CommandFailure) -> ResetOptions {
        ResetOptions(
            previousResetToken: try Self.token(previousTokenFile),
            ignoreMFA: ignoreMFA ? true : nil
        )
    }

    /// The token in a file, if there is one to be read.
    static func token(_ path: String?) throws(CommandFailure) -> Secret? {
        guard let path else { return nil }
        return try SecretReader.file(path, .token)
    }
}

/// What becomes of the reset token that a command brings.
struct TokenOutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write the reset token to a file that only you can read (mode 0600).", valueName: "path")
    )
    var writeToken: String?

    @Flag(help: "Show the reset token.")
    var showTokens = false

    /// Has a factor checked by `call`, keeps its token, and reports.
    func report(_ call: () async throws -> ResetFactorResult) async throws -> Report {
        let output = try writeToken.map { path throws(CommandFailure) in try SecretFileWriter(path: path) }
        let result = try await call()
        if case .granted(let granted) = result { try output?.keep(granted.resetToken) }
        return Report(result, showTokens: showTokens)
    }
}

/// A user that a positional argument names.
struct ResetUserOptions: ParsableArguments {
    @Argument(help: "The user: an e-mail address, a user name or a phone number, as --type says.")
    var identifier: String

    @Option(help: "What sort of identifier it is.")
    var type = IdentifierType.email

    func validate() throws {
        guard (1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) else {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
    }

    /// The user.
    var target: Target { Target(kind: IdentifierKind(type.rawValue), identifier: Identifier(identifier)) }

    /// The user, where a phone number cannot name one.
    func targetOfLink() throws(CommandFailure) -> Target {
        if type == .phoneNumber {
            throw CommandFailure(.usage, "a link goes to a mailbox: --type takes email or username here")
        }
        return target
    }

    /// The identifiers that resets go by.
    enum IdentifierType: String, ExpressibleByArgument, CaseIterable {
        case email
        case username
        case phoneNumber = "phone_number"
    }
}

/// Where a command gets the token that it is about: from a file, from standard input, or from the terminal.
struct TokenInput: ParsableArguments {
    @Flag(help: "Read the token from standard input.")
    var tokenStdin = false

    @Option(help: ArgumentHelp("Read the token from a file.", valueName: "path"))
    var tokenFile: String?

    func validate() throws {
        if tokenStdin, tokenFile != nil {
            throw ValidationError("--token-stdin and --token-file exclude each other")
        }
    }

    /// Reads it; without any option it is asked for on the terminal.
    func token(_ prompt: String) throws(CommandFailure) -> Secret {
        try SecretReader.secret(.token, standardInput: tokenStdin, file: tokenFile, prompt: prompt)
    }
}

/// Where a command gets the session id that it is about, in the same ways.
struct SessionInput: ParsableArguments {
    @Flag(help: "Read the session id from standard input.")
    var sessionStdin = false

    @Option(help: ArgumentHelp("Read the session id from a file.", valueName: "path"))
    var sessionFile: String?

    func validate() throws {
        if sessionStdin, sessionFile != nil {
            throw ValidationError("--session-stdin and --session-file exclude each other")
        }
    }

    /// Reads it; without any option it is asked for on the terminal.
    func sessionID() throws(CommandFailure) -> Secret {
        try SecretReader.secret(.sessionID, standardInput: sessionStdin, file: sessionFile, prompt: "Session id: ")
    }
}
