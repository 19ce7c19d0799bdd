import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

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
