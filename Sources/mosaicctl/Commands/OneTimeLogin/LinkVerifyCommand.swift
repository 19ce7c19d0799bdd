import AgentClient
import AgentProtocol
import ArgumentParser

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
