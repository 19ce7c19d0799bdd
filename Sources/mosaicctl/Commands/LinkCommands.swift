import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl link send`
struct LinkSendCommand: AgentCommand {
    static let title = "link send"
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Have a magic link sent to a user.",
        discussion: """
            "accepted" says nothing about the user: an unknown one gets the same answer. With --direct nothing is sent \
            and the link comes back, as far as Mosaic gives it; it is shown only with --show-tokens, and the access \
            rule must grant link-direct.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var user: IdentifierOptions

    @Option(help: ArgumentHelp("The registered URI that receives the code.", valueName: "uri"))
    var redirectURI: String

    @Flag(help: "Have the link come back instead of being sent.")
    var direct = false

    @Option(help: ArgumentHelp("Appended to the redirect.", valueName: "text"))
    var state: String?

    @Option(help: ArgumentHelp("The lifetime of the link.", valueName: "minutes"))
    var expiresIn: Int?

    @Flag(help: "Bind the link to this call: its request id is then needed to check the code.")
    var requestID = false

    @OptionGroup var send: SendOptions
    @OptionGroup var endUser: EndUserOptions

    @Flag(help: "Show the link and the code that come back with --direct.")
    var showTokens = false

    func report() async throws -> Report {
        var parameters = LinkSend.Parameters(user: user.target, redirectURI: redirectURI)
        parameters.channel = direct ? .direct : nil
        parameters.state = state
        parameters.emailExpiration = expiresIn
        parameters.options = try send.options(requestID: requestID, of: endUser)
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(LinkSend.self, parameters, metadata: send.completing(call.metadata(global)))
        }
        var list = FieldList()
        list.add("request id", result.requestID)
        list.add("reason", result.reason)
        if showTokens {
            list.add("link", secret: result.link)
            list.add("code", secret: result.code)
        }
        return Report(
            status: .done,
            text: "accepted\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }
}

/// `mosaicctl link verify`
struct LinkVerifyCommand: AgentCommand {
    static let title = "link verify"
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Log a user in with the code of a magic link.",
        discussion: """
            The code is the parameter "code" that the link's redirect brought to the application. It is asked for on \
            the terminal without echo, unless --code-stdin or --code-file is given. A link works once.

            Exits 0 when the login is granted, 1 when it is denied.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var code: CodeOptions

    func report() async throws -> Report {
        let parameters = LinkAuthenticate.Parameters(
            code: try code.code("Code of the link: "),
            options: try code.parameters()
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(LinkAuthenticate.self, parameters, metadata: call.metadata(global))
        }
        return Report(result, showTokens: code.showTokens)
    }
}
