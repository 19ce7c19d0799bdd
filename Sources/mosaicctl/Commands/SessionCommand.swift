import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl session`
struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "Use, end and list sessions of users.",
        subcommands: [
            SessionAuthenticateCommand.self, SessionLogoutCommand.self, SessionListCommand.self,
            SessionRevokeCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: authenticate, logout, list or revoke")
    }
}

/// `mosaicctl session authenticate`
struct SessionAuthenticateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "authenticate",
        abstract: "Get new tokens within a session, without asking the user.",
        discussion: """
            The session id is asked for on the terminal, unless --session-stdin or --session-file is given. Tokens \
            are shown only with --show-tokens. Exits 8 when the session is over.
            """
    )

    static let title = "session authenticate"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: SessionInput

    @Option(help: ArgumentHelp("The resource that the access token is for.", valueName: "uri"))
    var resource: String?

    @Option(help: ArgumentHelp("The organization that a member logs in to.", valueName: "id"))
    var organization: String?

    @OptionGroup var endUser: EndUserOptions

    @Flag(help: "Show tokens and the session id.")
    var showTokens = false

    func report() async throws -> Report {
        let parameters = SessionAuthenticate.Parameters(
            sessionID: try input.sessionID(),
            resource: resource,
            orgID: organization,
            clientAttributes: endUser.attributes,
            deviceID: endUser.deviceID
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(SessionAuthenticate.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        list.add(result, showTokens: showTokens)
        return Report(text: "authenticated\n" + list.text, result: result, showTokens: showTokens)
    }
}

/// `mosaicctl session logout`
struct SessionLogoutCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "End a session and revoke its refresh tokens.",
        discussion: """
            The session id is asked for on the terminal, unless --session-stdin or --session-file is given. Exits 8 \
            when the session is over already.
            """
    )

    static let title = "session logout"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: SessionInput

    func report() async throws -> Report {
        let parameters = SessionLogout.Parameters(sessionID: try input.sessionID())
        let result = try await withAgent(.main) { agent in
            try await agent.call(SessionLogout.self, parameters, metadata: call.metadata(global))
        }
        return Report(text: "logged out\n", result: result, showTokens: false)
    }
}

/// `mosaicctl session list`
struct SessionListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the backend sessions of a user.",
        discussion: "Session ids are as good as the sessions themselves and shown only with --show-tokens."
    )

    static let title = "session list"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Flag(help: "Show the session ids.")
    var showTokens = false

    func report() async throws -> Report {
        let result = try await withAgent(.main) { agent in
            try await agent.call(
                SessionList.self,
                .init(userID: Identifier(userID)),
                metadata: call.metadata(global)
            )
        }
        var report = Report(
            text: Self.text(result.sessions, showTokens: showTokens),
            result: result,
            showTokens: showTokens
        )
        report.remark = Report.remark(omitted: result.omitted)
        return report
    }

    private static func text(_ sessions: [SessionList.Session], showTokens: Bool) -> String {
        if sessions.isEmpty { return "no sessions\n" }
        var list = FieldList()
        for (number, session) in sessions.enumerated() {
            list.heading("session \(number + 1)")
            list.add("began", session.startTime)
            list.add("ends", session.expirationTime)
            if showTokens { list.add("session id", secret: session.sessionID) }
        }
        return list.text
    }
}

/// `mosaicctl session revoke`
struct SessionRevokeCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End every backend session of a user.",
        discussion: "Access tokens that were issued already stay valid until they expire."
    )

    static let title = "session revoke"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    func report() async throws -> Report {
        let result = try await withAgent(.main) { agent in
            try await agent.call(
                SessionRevoke.self,
                .init(userID: Identifier(userID)),
                metadata: call.metadata(global)
            )
        }
        return Report(text: "revoked\n", result: result, showTokens: false)
    }
}
