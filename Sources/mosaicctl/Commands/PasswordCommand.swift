import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl password`
struct PasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Check candidates and set passwords.",
        subcommands: [
            PasswordCheckCommand.self, PasswordRegisterCommand.self, PasswordUpdateCommand.self,
            PasswordRegisterOwnCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: check, register, update or register-own") }
}

/// `mosaicctl password check`
struct PasswordCheckCommand: AgentCommand {
    static let title = "password check"
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask whether a password may be chosen.",
        discussion: """
            With a user, that user's old passwords count too, and the access rule must also grant the right 'reset'. \
            Exits 0 when the password may be chosen and 8 when not.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("The user, by user name.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("The user, by e-mail address.", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("The user, by phone number.", valueName: "number"))
    var phoneNumber: String?

    private var targets: [Target] {
        [(IdentifierKind.username, username), (.email, email), (.phoneNumber, phoneNumber)].compactMap { kind, value in
            value.map { Target(kind: kind, identifier: Identifier($0)) }
        }
    }

    func validate() throws {
        if targets.count > 1 { throw ValidationError("--username, --email and --phone-number exclude each other") }
    }

    func report() async throws -> Report {
        let parameters = PasswordCheck.Parameters(
            password: try password.password(prompt: "Password to check: "),
            user: targets.first
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(PasswordCheck.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            status: result.validPassword ? .done : .refused,
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    private static func text(_ result: PasswordCheck.Result) -> String {
        guard !result.validPassword else { return "the password may be chosen\n" }
        let lines = result.errors.map { "- \(TerminalText.escaped($0.message))\n" }
        return "the password may not be chosen\n" + lines.joined()
    }
}

/// `mosaicctl password register`
struct PasswordRegisterCommand: AgentCommand {
    static let title = "password register"
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Give a user who has no password a first one.",
        discussion: "Exits 8 when the user has one already; 'mosaicctl password update' replaces it."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Flag var lifetime: PasswordLifetime

    @Option(help: ArgumentHelp("The login name to set. (default: a verified e-mail address)", valueName: "name"))
    var username: String?

    @Flag(help: "Do not apply the complexity policy.")
    var noComplexity = false

    func report() async throws -> Report {
        var parameters = PasswordRegister.Parameters(
            userID: Identifier(userID),
            password: try password.newPassword(prompt: "New password: "),
            forceReplace: lifetime == .temporary
        )
        parameters.username = username.map { Identifier($0) }
        parameters.enforceComplexity = noComplexity ? false : nil
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(PasswordRegister.self, parameters, metadata: call.metadata(global))
        }
        return result.report
    }
}

extension PasswordSetResult {
    /// That the password is set.
    var report: Report {
        Report(text: "the password is set\n", result: JSONText { encode(to: &$0) })
    }
}

/// `mosaicctl password register-own`
struct PasswordRegisterOwnCommand: AgentCommand {
    static let title = "password register-own"
    static let configuration = CommandConfiguration(
        commandName: "register-own",
        abstract: "Give the user of an access token a first password.",
        discussion: "Exits 8 when Mosaic does not accept the token, or the user has a password already."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("Read the user's access token from a file.", valueName: "path"))
    var tokenFile: String

    @Option(help: ArgumentHelp("The login name to set. (default: a verified e-mail address)", valueName: "name"))
    var username: String?

    func report() async throws -> Report {
        var parameters = PasswordRegisterOwn.Parameters(
            accessToken: try SecretReader.file(tokenFile, .token),
            password: try password.newPassword(prompt: "New password: ")
        )
        parameters.username = username.map { Identifier($0) }
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(PasswordRegisterOwn.self, parameters, metadata: call.metadata(global))
        }
        return result.report
    }
}

/// `mosaicctl password update`
struct PasswordUpdateCommand: AgentCommand {
    static let title = "password update"
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Replace a user's password without the old one.",
        discussion: "Exits 8 when the user has none yet; 'mosaicctl password register' sets the first one."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Flag var lifetime: PasswordLifetime

    func report() async throws -> Report {
        let parameters = PasswordUpdate.Parameters(
            userID: Identifier(userID),
            password: try password.newPassword(prompt: "New password: "),
            forceReplace: lifetime == .temporary
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(PasswordUpdate.self, parameters, metadata: call.metadata(global))
        }
        return result.report
    }
}
