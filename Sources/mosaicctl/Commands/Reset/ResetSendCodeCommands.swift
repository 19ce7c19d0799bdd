import AgentClient
import AgentProtocol
import ArgumentParser

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
