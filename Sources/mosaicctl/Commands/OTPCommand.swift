import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl otp`
struct OTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "otp",
        abstract: "Log users in with one-time codes, as an application would.",
        subcommands: [OTPSendCommand.self, OTPVerifyCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: send or verify") }
}

/// `mosaicctl link`
struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Log users in with magic links, as an application would.",
        subcommands: [LinkSendCommand.self, LinkVerifyCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: send or verify") }
}

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

/// `mosaicctl otp verify`
struct OTPVerifyCommand: AgentCommand {
    static let title = "otp verify"
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Log a user in with a one-time code.",
        discussion: """
            The code is asked for on the terminal without echo, unless --code-stdin or --code-file is given. A wrong \
            code counts as an attempt at Mosaic; blanks and dashes between its digits are left out. Identifier and type must be those of the send.

            Exits 0 when the login is granted, 1 when it is denied.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: IdentifierOptions
    @OptionGroup var code: CodeOptions

    func report() async throws -> Report {
        let parameters = OTPAuthenticate.Parameters(
            user: user.target,
            passcode: try code.code("Code for \(TerminalText.escaped(user.identifier)): ", .passcode),
            options: try code.parameters()
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(OTPAuthenticate.self, parameters, metadata: call.metadata(global))
        }
        return Report(result, showTokens: code.showTokens)
    }
}
