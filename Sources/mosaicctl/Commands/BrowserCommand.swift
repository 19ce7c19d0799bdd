import AgentClient
import AgentProtocol
import ArgumentParser
import Secrets

/// `mosaicctl browser`
struct BrowserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "browser",
        abstract: "Take the agent's two steps of a login through the browser.",
        subcommands: [BrowserLoginCommand.self, BrowserExchangeCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: login or exchange")
    }
}

/// `mosaicctl browser login`
struct BrowserLoginCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Check a user's password and get the URL at which the browser goes on.",
        discussion: """
            The password is asked for on the terminal, unless --password-stdin or --password-file is given. The URL \
            carries the login and is shown only with --show-tokens.

            Exits 0 when the login can go on, 1 when it is denied, 3 when the password must be changed first.
            """
    )

    static let title = "browser login"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The user: a user name, an e-mail address or a phone number, as --type says.")
    var identifier: String

    @Option(help: ArgumentHelp("Where the browser arrives in the end, as registered at Mosaic.", valueName: "uri"))
    var redirectURI: String

    @Option(help: "What sort of identifier it is.")
    var type = LoginCommand.IdentifierType.username

    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("The resource that is to be accessed.", valueName: "uri"))
    var resource: String?

    @Option(help: ArgumentHelp("The organization that a member logs in to.", valueName: "id"))
    var organization: String?

    @Flag(help: "Demand a second factor.")
    var requireMFA = false

    @Flag(help: "Show the URL and the reset token.")
    var showTokens = false

    func report() async throws -> Report {
        let parameters = PasswordLogin.Parameters(
            user: Target(kind: type.kind, identifier: Identifier(identifier)),
            password: try password.password(prompt: "Password for \(TerminalText.escaped(identifier)): "),
            redirectURI: redirectURI,
            resource: resource,
            requireMFA: requireMFA ? true : nil,
            orgID: organization
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(PasswordLogin.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        let status: ExitStatus
        switch result {
        case .continue(let url):
            status = .done
            if showTokens { list.add("url", secret: url) }
        case .denied(let reason):
            status = .denied
            list.add("reason", reason)
        case .passwordChangeRequired(let change):
            status = .passwordChangeRequired
            list.add("cause", change.cause.name)
            if showTokens { list.add("reset token", secret: change.resetToken) }
        }
        return Report(
            status: status,
            text: "\(result.verdict.name.replacing("_", with: " "))\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }
}

/// `mosaicctl browser exchange`
struct BrowserExchangeCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Exchange the code that the browser has brought for tokens.",
        discussion: """
            The code is asked for on the terminal, unless --code-stdin or --code-file is given. It is spent by this. \
            Exits 8 when it is not good.
            """
    )

    static let title = "browser exchange"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var code: PasscodeOptions

    @Option(help: ArgumentHelp("The redirect URI that the code came to.", valueName: "uri"))
    var redirectURI: String?

    @Option(help: ArgumentHelp("Read the verifier of a login with PKCE from a file.", valueName: "path"))
    var verifierFile: String?

    @Flag(help: "Use Mosaic's deprecated endpoint for codes of its older calls, instead of --redirect-uri.")
    var legacy = false

    @Flag(help: "Show the tokens.")
    var showTokens = false

    func validate() throws {
        if legacy == (redirectURI != nil) { throw ValidationError("give either --redirect-uri or --legacy") }
        if legacy, verifierFile != nil { throw ValidationError("--legacy has no verifier") }
    }

    func report() async throws -> Report {
        let parameters = try parameters()
        let result = try await withAgent(.main) { agent in
            try await agent.call(CodeExchange.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        list.add(result.tokens, showTokens: showTokens)
        list.add("user created", result.isUserCreated.map { $0 ? "yes" : "no" })
        return Report(text: "exchanged\n" + list.text, result: result, showTokens: showTokens)
    }

    private func parameters() throws -> CodeExchange.Parameters {
        let code = try code.code("Code: ")
        guard let redirectURI else { return CodeExchange.Parameters(legacyCode: code) }
        return CodeExchange.Parameters(
            code: code,
            redirectURI: redirectURI,
            codeVerifier: try verifierFile.map { try SecretReader.file($0, .code) }
        )
    }
}
