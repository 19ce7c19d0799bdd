import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl token`
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Verify, refresh and revoke tokens of users.",
        subcommands: [TokenVerifyCommand.self, TokenRefreshCommand.self, TokenRevokeCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: verify, refresh or revoke")
    }
}

/// `mosaicctl token verify`
struct TokenVerifyCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a user's token and show its claims.",
        discussion: """
            The token is asked for on the terminal, unless --token-stdin or --token-file is given. Exits 0 when it is \
            valid and 1 when it is not.
            """
    )

    static let title = "token verify"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: TokenInput

    @Option(help: "What the token is to be used as.")
    var use: Use

    @Option(help: ArgumentHelp("The resource that an access token must be for.", valueName: "uri"))
    var resource: String?

    func report() async throws -> Report {
        let parameters = TokenVerify.Parameters(
            token: try input.token("Token: "),
            tokenUse: TokenUse(use.rawValue),
            resource: resource
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(TokenVerify.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        list.add("reason", result.reason)
        let claims = result.claims.map { PrettyJSON.text($0.value) } ?? ""
        // The claims are the token's own, of whatever names: none of them is a secret of the protocol.
        return Report(
            status: result.valid ? .done : .denied,
            text: (result.valid ? "valid\n" : "not valid\n") + list.text + claims,
            result: result,
            showTokens: true
        )
    }

    /// The uses of a token.
    enum Use: String, ExpressibleByArgument, CaseIterable {
        case access
        case id
    }
}

/// `mosaicctl token refresh`
struct TokenRefreshCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Spend a refresh token and get new tokens.",
        discussion: """
            The refresh token is asked for on the terminal, unless --token-stdin or --token-file is given. It is spent by \
            this, so the new one must go somewhere: to a file with --write-token, or to the screen with --show-tokens. Exits \
            8 when it is no longer good.
            """
    )

    static let title = "token refresh"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: TokenInput

    @Option(help: "Where the token comes from: the agent's own authentications, or a login through the browser.")
    var kind = Kind.backend

    @Option(
        help: ArgumentHelp(
            "Write the new refresh token to a file that only you can read (mode 0600); it may be the one that is read.",
            valueName: "path"
        )
    )
    var writeToken: String?

    @Flag(help: "Show the new tokens.")
    var showTokens = false

    func validate() throws {
        guard writeToken != nil || showTokens else {
            throw ValidationError("the new refresh token would be lost: give --write-token or --show-tokens")
        }
    }

    func report() async throws -> Report {
        let output = try writeToken.map { path throws(CommandFailure) in try SecretFileWriter(path: path) }
        let parameters = TokenRefresh.Parameters(
            refreshToken: try input.token("Refresh token: "),
            kind: RefreshKind(kind.rawValue)
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(TokenRefresh.self, parameters, metadata: call.metadata(global))
        }
        // Without a new one, the old one stays in use.
        if let refreshToken = result.refreshToken { try output?.keep(refreshToken) }
        var list = FieldList()
        list.add(result, showTokens: showTokens)
        return Report(text: "refreshed\n" + list.text, result: result, showTokens: showTokens)
    }

    /// The kinds of refresh tokens.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case backend
        case oidc
    }
}

/// `mosaicctl token revoke`
struct TokenRevokeCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a token, above all a refresh token.",
        discussion: "The token is asked for on the terminal, unless --token-stdin or --token-file is given."
    )

    static let title = "token revoke"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: TokenInput

    @Option(help: "What sort of token it is.")
    var type: TokenType?

    func report() async throws -> Report {
        let parameters = TokenRevoke.Parameters(
            token: try input.token("Token: "),
            tokenTypeHint: type?.rawValue
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(TokenRevoke.self, parameters, metadata: call.metadata(global))
        }
        return Report(text: "revoked\n", result: result, showTokens: false)
    }

    /// The sorts of tokens.
    enum TokenType: String, ExpressibleByArgument, CaseIterable {
        case accessToken = "access_token"
        case refreshToken = "refresh_token"
    }
}

/// `mosaicctl client-token`
struct ClientTokenCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-token",
        abstract: "Get the agent's own client access token.",
        discussion: """
            Who has the token can do at Mosaic whatever the client may; it is shown only with --show-tokens. Without, the \
            command tells whether there is one.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Option(help: ArgumentHelp("How long the token should still be good, at least.", valueName: "seconds"))
    var minValid = 60

    @Option(help: ArgumentHelp("The resource that the token is for.", valueName: "uri"))
    var resource: String?

    @Flag(help: "Show the token.")
    var showTokens = false

    func validate() throws {
        guard (0...86_400).contains(minValid) else { throw ValidationError("--min-valid takes 0 to 86400 seconds") }
    }

    func report() async throws -> Report {
        let result = try await withAgent(.main) { agent in
            try await agent.call(
                ClientTokenGet.self,
                .init(minimumValiditySeconds: minValid, resource: resource),
                metadata: call.metadata(global)
            )
        }
        var list = FieldList()
        list.add("valid for", HumanUnits.duration(seconds: result.expiresIn))
        if showTokens { list.add("access token", secret: result.accessToken) }
        return Report(text: list.text, result: result, showTokens: showTokens)
    }
}
