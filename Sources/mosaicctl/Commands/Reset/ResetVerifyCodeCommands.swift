import AgentClient
import AgentProtocol
import ArgumentParser

/// `mosaicctl reset verify-email-otp`
struct ResetVerifyEmailOTPCommand: AgentCommand {
    static let title = "reset verify-email-otp"
    static let configuration = CommandConfiguration(
        commandName: "verify-email-otp",
        abstract: "Check a code of 'reset send-email-otp' and get a reset token for it.",
        discussion: """
            The code is asked for on the terminal without echo, unless --code-stdin or --code-file is given. A wrong \
            code counts as an attempt at Mosaic.

            Exits 0 when the code is right, 1 when it is denied.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The address that the code was sent to.")
    var email: String

    @OptionGroup var code: PasscodeOptions
    @OptionGroup var token: TokenOutputOptions

    func report() async throws -> Report {
        let parameters = ResetVerifyEmailOTP.Parameters(
            email: Identifier(email),
            passcode: try code.code("Code for \(TerminalText.escaped(email)): ")
        )
        return try await token.report {
            try await withAgent(.main) { agent in
                try await agent.call(ResetVerifyEmailOTP.self, parameters, metadata: call.metadata(global))
            }
        }
    }
}

/// `mosaicctl reset verify-sms-otp`
struct ResetVerifySMSOTPCommand: AgentCommand {
    static let title = "reset verify-sms-otp"
    static let configuration = CommandConfiguration(
        commandName: "verify-sms-otp",
        abstract: "Check a code of 'reset send-sms-otp' and get a reset token for it.",
        discussion: """
            The code is asked for on the terminal without echo, unless --code-stdin or --code-file is given. A wrong \
            code counts as an attempt at Mosaic.

            Exits 0 when the code is right, 1 when it is denied.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The number that the code was sent to.")
    var phoneNumber: String

    @OptionGroup var code: PasscodeOptions
    @OptionGroup var token: TokenOutputOptions

    func report() async throws -> Report {
        let parameters = ResetVerifySMSOTP.Parameters(
            phoneNumber: Identifier(phoneNumber),
            passcode: try code.code("Code for \(TerminalText.escaped(phoneNumber)): ")
        )
        return try await token.report {
            try await withAgent(.main) { agent in
                try await agent.call(ResetVerifySMSOTP.self, parameters, metadata: call.metadata(global))
            }
        }
    }
}
