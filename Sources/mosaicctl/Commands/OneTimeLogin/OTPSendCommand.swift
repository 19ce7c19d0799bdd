import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl otp send`
struct OTPSendCommand: AgentCommand {
    static let title = "otp send"
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Have a one-time code sent to a user.",
        discussion: """
            "accepted" says nothing about the user: an unknown one gets the same answer. With --channel direct nothing \
            is sent and the code comes back; it is shown only with --show-tokens, and the access rule must grant \
            otp-direct.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: IdentifierOptions

    @Option(help: "The way that the code goes.")
    var channel = Channel.email

    @Option(help: ArgumentHelp("The lifetime of the code, 1 to 60 minutes.", valueName: "minutes"))
    var expiresIn: Int?

    @Flag(help: "Bind the code to this call: its request id is then needed to check it.")
    var requestID = false

    @Option(help: ArgumentHelp("What the user approves with the code; may be repeated.", valueName: "name=value"))
    var approve: [String] = []

    @Option(help: ArgumentHelp("Another address or phone number than the user's own.", valueName: "address"))
    var to: String?

    @Option(help: ArgumentHelp("The text of an SMS, with {otp} and {app} in it.", valueName: "text"))
    var smsText: String?

    @Option(help: ArgumentHelp("The sender of an SMS, as the phone shows it.", valueName: "name"))
    var smsSender: String?

    @OptionGroup var send: SendOptions
    @OptionGroup var endUser: EndUserOptions

    @Flag(help: "Show the code that comes back with --channel direct.")
    var showTokens = false

    func validate() throws {
        if to != nil, channel == .direct { throw ValidationError("--to does not go with --channel direct") }
        for pair in approve where !pair.contains("=") || pair.hasPrefix("=") {
            throw ValidationError("--approve takes name=value")
        }
    }

    func report() async throws -> Report {
        let parameters = try parameters()
        let result = try await withAgent(.main) { agent in
            try await agent.call(OTPSend.self, parameters, metadata: send.completing(call.metadata(global)))
        }
        var list = FieldList()
        list.add("request id", result.requestID)
        list.add("reason", result.reason)
        if showTokens { list.add("code", secret: result.code) }
        return Report(
            status: .done,
            text: "accepted\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }

    private func parameters() throws(CommandFailure) -> OTPSend.Parameters {
        var parameters = OTPSend.Parameters(user: user.target, channel: OTPChannel(channel.rawValue))
        parameters.expiresIn = expiresIn
        if !approve.isEmpty { parameters.approvalData = approvalData }
        switch channel {
        case .email: parameters.customEmail = to.map { Identifier($0) }
        case .sms: parameters.customPhoneNumber = to.map { Identifier($0) }
        case .direct: break
        }
        if smsText != nil || smsSender != nil {
            parameters.customSMSInput = CustomSMSInput(customMessage: smsText, senderID: smsSender)
        }
        parameters.options = try send.options(requestID: requestID, of: endUser)
        return parameters
    }

    private var approvalData: JSONText {
        JSONText { writer in
            writer.beginObject()
            for pair in approve {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                writer.key(String(parts[0]))
                writer.string(String(parts[1]))
            }
            writer.endObject()
        }
    }

    /// The ways that a code can go.
    enum Channel: String, ExpressibleByArgument, CaseIterable {
        case sms
        case email
        case direct
    }
}
