import AgentClient
import AgentProtocol
import ArgumentParser
import Secrets
import StrictJSON

/// `mosaicctl reset`
struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Reset a user's password step by step, as an application would.",
        discussion: """
            For example, by a mailed code:

              mosaicctl reset send-email-otp ada@example.com
              mosaicctl reset verify-email-otp ada@example.com --write-token token
              mosaicctl reset complete --token-file token
            """,
        subcommands: [
            ResetSendEmailLinkCommand.self, ResetCreateLinkCommand.self, ResetSendEmailOTPCommand.self,
            ResetVerifyEmailOTPCommand.self, ResetSendSMSOTPCommand.self, ResetVerifySMSOTPCommand.self,
            ResetVerifyPasswordCommand.self, ResetCompleteCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: one of those that 'mosaicctl reset --help' lists")
    }
}

/// `mosaicctl reset send-email-link`
struct ResetSendEmailLinkCommand: AgentCommand {
    static let title = "reset send-email-link"
    static let configuration = CommandConfiguration(
        commandName: "send-email-link",
        abstract: "Have a link mailed with which a user can choose a new password.",
        discussion: """
            "accepted" says nothing about the user: an unknown one gets the same answer. The parameter "code" that the \
            link's redirect brings is the reset token for 'reset complete'.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: ResetUserOptions

    @Option(help: ArgumentHelp("The registered URI that receives the reset token.", valueName: "uri"))
    var redirectURI: String

    @OptionGroup var factor: SecondFactorOptions
    @OptionGroup var send: SendOptions

    func report() async throws -> Report {
        let parameters = ResetSendEmailLink.Parameters(
            user: try user.targetOfLink(),
            redirectURI: redirectURI,
            options: try factor.parameters(),
            emailContent: try send.mail()
        )
        return Report(
            try await withAgent(.main) { agent in
                try await agent.call(
                    ResetSendEmailLink.self,
                    parameters,
                    metadata: send.completing(call.metadata(global))
                )
            }
        )
    }
}

/// `mosaicctl reset create-link`
struct ResetCreateLinkCommand: AgentCommand {
    static let title = "reset create-link"
    static let configuration = CommandConfiguration(
        commandName: "create-link",
        abstract: "Get a link with which a user's new password can be chosen.",
        discussion: """
            Nothing is sent, and the holder of the link can take over the account: the access rule must grant reset-direct. \
            The link is written with --write-link, or shown with --show-tokens.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: ResetUserOptions

    @Option(help: ArgumentHelp("The registered URI that receives the reset token.", valueName: "uri"))
    var redirectURI: String

    @OptionGroup var factor: SecondFactorOptions

    @Option(help: ArgumentHelp("Write the link to a file that only you can read (mode 0600).", valueName: "path"))
    var writeLink: String?

    @Flag(help: "Show the link.")
    var showTokens = false

    func report() async throws -> Report {
        let parameters = ResetCreateLink.Parameters(
            user: try user.targetOfLink(),
            redirectURI: redirectURI,
            options: try factor.parameters()
        )
        let output = try writeLink.map { path throws(CommandFailure) in try SecretFileWriter(path: path) }
        let result = try await withAgent(.main) { agent in
            try await agent.call(ResetCreateLink.self, parameters, metadata: call.metadata(global))
        }
        try output?.keep(result.resetLink)
        var list = FieldList()
        if showTokens { list.add("link", secret: result.resetLink) }
        return Report(
            status: .done,
            text: "created\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }
}

/// `mosaicctl reset send-email-otp`
struct ResetSendEmailOTPCommand: AgentCommand {
    static let title = "reset send-email-otp"
    static let configuration = CommandConfiguration(
        commandName: "send-email-otp",
        abstract: "Have a one-time code mailed with which a user can choose a new password.",
        discussion: """
            "accepted" says nothing about the user: an unknown one gets the same answer. Check the code with \
            'reset verify-email-otp'.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The user's primary e-mail address.")
    var email: String

    @OptionGroup var factor: SecondFactorOptions
    @OptionGroup var send: SendOptions

    func report() async throws -> Report {
        let parameters = ResetSendEmailOTP.Parameters(
            email: Identifier(email),
            options: try factor.parameters(),
            emailContent: try send.mail()
        )
        return Report(
            try await withAgent(.main) { agent in
                try await agent.call(
                    ResetSendEmailOTP.self,
                    parameters,
                    metadata: send.completing(call.metadata(global))
                )
            }
        )
    }
}

/// `mosaicctl reset send-sms-otp`
struct ResetSendSMSOTPCommand: AgentCommand {
    static let title = "reset send-sms-otp"
    static let configuration = CommandConfiguration(
        commandName: "send-sms-otp",
        abstract: "Have a one-time code texted with which a user can choose a new password.",
        discussion: """
            "accepted" says nothing about the user: an unknown one gets the same answer. Check the code with \
            'reset verify-sms-otp'.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The user's primary phone number, such as +16175551212.")
    var phoneNumber: String

    @OptionGroup var factor: SecondFactorOptions
    @OptionGroup var send: SendOptions

    func validate() throws {
        if send.emailContent != nil { throw ValidationError("--email-content does not go with a text message") }
    }

    func report() async throws -> Report {
        let parameters = ResetSendSMSOTP.Parameters(
            phoneNumber: Identifier(phoneNumber),
            options: try factor.parameters()
        )
        return Report(
            try await withAgent(.main) { agent in
                try await agent.call(ResetSendSMSOTP.self, parameters, metadata: send.completing(call.metadata(global)))
            }
        )
    }
}

/// `mosaicctl reset verify-email-otp`
typealias ResetVerifyEmailOTPCommand = ResetVerifyCodeCommand<ResetVerifyEmailOTP>
/// `mosaicctl reset verify-sms-otp`
typealias ResetVerifySMSOTPCommand = ResetVerifyCodeCommand<ResetVerifySMSOTP>

/// Checks a code that was sent to an address, in exchange for a reset token.
struct ResetVerifyCodeCommand<Method: ResetCodeMethod>: AgentCommand {
    static var title: String { "reset verify-\(Method.way)" }
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify-\(Method.way)",
            abstract: "Check a code of 'reset send-\(Method.way)' and get a reset token for it.",
            discussion: """
                The code is asked for on the terminal without echo, unless --code-stdin or --code-file is given. A wrong \
                code counts as an attempt at Mosaic; blanks and dashes between its digits are left out.

                Exits 0 when the code is right, 1 when it is denied.
                """
        )
    }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: ArgumentHelp("Where the code was sent to.", valueName: Method.valueName))
    var address: String

    @OptionGroup var code: PasscodeOptions
    @OptionGroup var token: TokenOutputOptions

    func report() async throws -> Report {
        let passcode = try code.code("Code for \(TerminalText.escaped(address)): ", .passcode)
        let parameters = Method.parameters(of: Identifier(address), passcode: passcode)
        return try await token.report {
            try await withAgent(.main) { agent in
                try await agent.call(Method.self, parameters, metadata: call.metadata(global))
            }
        }
    }
}

/// A method that checks the code of a password reset.
protocol ResetCodeMethod: AgentMethod where Result == ResetFactorResult {
    /// How the commands call the way that the code goes.
    static var way: String { get }
    /// How the commands call what the code goes to.
    static var valueName: String { get }
    /// The parameters of the method.
    static func parameters(of address: Identifier, passcode: Secret) -> Parameters
}

extension ResetVerifyEmailOTP: ResetCodeMethod {
    static var way: String { "email-otp" }
    static var valueName: String { "email" }
    static func parameters(of address: Identifier, passcode: Secret) -> Parameters {
        Parameters(email: address, passcode: passcode)
    }
}

extension ResetVerifySMSOTP: ResetCodeMethod {
    static var way: String { "sms-otp" }
    static var valueName: String { "phone-number" }
    static func parameters(of address: Identifier, passcode: Secret) -> Parameters {
        Parameters(phoneNumber: address, passcode: passcode)
    }
}

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
