import AgentClient
import AgentProtocol
import ArgumentParser
import Secrets

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
