import AgentClient
import AgentProtocol
import ArgumentParser
import Secrets
import StrictJSON

/// `mosaicctl reset verify-password`
struct ResetVerifyPasswordCommand: AgentCommand {
    static let title = "reset verify-password"
    static let configuration = CommandConfiguration(
        commandName: "verify-password",
        abstract: "Check a user's current password and get a reset token for it.",
        discussion: """
            The password is asked for on the terminal without echo, unless --password-stdin or --password-file is \
            given. A wrong password counts as an attempt at Mosaic.

            Exits 0 when the password is right, 1 when it is denied.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: ResetUserOptions
    @OptionGroup var password: PasswordOptions

    @Option(
        help: ArgumentHelp("This is the second factor; the reset token of the first is in a file.", valueName: "path")
    )
    var previousTokenFile: String?

    @OptionGroup var token: TokenOutputOptions

    func report() async throws -> Report {
        let parameters = ResetVerifyPassword.Parameters(
            user: user.target,
            password: try password.password(prompt: "Current password for \(TerminalText.escaped(user.identifier)): "),
            previousResetToken: try SecondFactorOptions.token(previousTokenFile)
        )
        return try await token.report {
            try await withAgent(.main) { agent in
                try await agent.call(ResetVerifyPassword.self, parameters, metadata: call.metadata(global))
            }
        }
    }
}

/// `mosaicctl reset complete`
struct ResetCompleteCommand: AgentCommand {
    static let title = "reset complete"
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "Set a new password with a reset token.",
        discussion: """
            The token comes from a file, such as --write-token of another reset command writes, or from standard input. \
            The new password is asked for twice on the terminal without echo, unless --password-stdin or --password-file \
            is given. A password that the application does not accept is refused with the reasons (exit status 8).
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Flag(help: "Read the reset token from standard input.")
    var tokenStdin = false

    @Option(help: ArgumentHelp("Read the reset token from a file.", valueName: "path"))
    var tokenFile: String?

    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("Where the user is logged in afterwards; a registered URI.", valueName: "uri"))
    var redirectURI: String?

    @Option(help: ArgumentHelp("The resource URI for that login.", valueName: "uri"))
    var resource: String?

    @Flag(help: "Ask for a second factor in that login.")
    var requireMFA = false

    @Flag(help: "Show the URL where that login goes on.")
    var showTokens = false

    func validate() throws {
        guard tokenStdin != (tokenFile != nil) else {
            throw ValidationError("give the reset token with either --token-file or --token-stdin")
        }
        if tokenStdin, password.passwordStdin {
            throw ValidationError("--token-stdin and --password-stdin exclude each other")
        }
    }

    func report() async throws -> Report {
        let parameters = ResetComplete.Parameters(
            resetToken: try SecondFactorOptions.token(tokenFile) ?? SecretReader.standardInput(.token),
            newPassword: try password.newPassword(prompt: "New password: "),
            redirectURI: redirectURI,
            resource: resource,
            requireMFA: requireMFA ? true : nil
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(ResetComplete.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        list.add("message", result.message)
        list.add("notification", result.email)
        if showTokens { list.add("url", secret: result.url) }
        return Report(
            status: .done,
            text: "done\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }
}
