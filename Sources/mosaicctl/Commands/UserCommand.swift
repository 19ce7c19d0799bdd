import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl user`
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Create, find and change users, and log them out.",
        subcommands: [
            UserCreateCommand.self, UserGetCommand.self, UserSearchCommand.self, UserUpdateCommand.self,
            UserAuthenticatorsCommand.self, UserLogoutCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: create, get, search, update, authenticators or logout")
    }
}

/// `mosaicctl user get`
struct UserGetCommand: AgentCommand {
    static let title = "user get"
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show one user.",
        discussion: "Exits 8 when there is no such user."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The identifier.")
    var identifier: String

    @Option(
        help: ArgumentHelp(
            """
            What sort of identifier it is: user_id, username, email, phone_number, external_user_id, or Mosaic's name \
            of another one, such as idpIdentifier.
            """,
            valueName: "kind"
        )
    )
    var type = IdentifierKind.userID.name

    func report() async throws -> Report {
        let parameters = UserGet.Parameters(IdentifierKind(type), Identifier(identifier))
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserGet.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            text: UserText.lines(result.user).text,
            result: JSONText { result.encode(to: &$0) },
            remark: Report.remark(omitted: result.omitted)
        )
    }
}

/// `mosaicctl user create`
struct UserCreateCommand: AgentCommand {
    static let title = "user create"
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a user of the application.",
        discussion: """
            At least one of --email, --phone-number, --username and --external-user-id is needed. With --temporary or \
            --permanent the user gets a first password, which is asked for on the terminal without echo unless \
            --password-stdin or --password-file is given.

            A user that the tenant knows from another application is attached to this one and keeps what it has. The \
            password is then not set, which is said; 'mosaicctl password register' sets it.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var profile: ProfileOptions
    @OptionGroup var password: PasswordOptions

    @Flag var lifetime: PasswordLifetime?

    func validate() throws {
        if password.isGiven, lifetime == nil {
            throw ValidationError(
                "say --temporary or --permanent: whether the password must be replaced at first login"
            )
        }
    }

    func report() async throws -> Report {
        var parameters = UserCreate.Parameters(profile: try profile.profile())
        if let lifetime {
            parameters.credentials = UserCreate.Credentials(
                password: try password.newPassword(prompt: "Password for the new user: "),
                forceReplace: lifetime == .temporary
            )
        }
        let asked = lifetime != nil
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(UserCreate.self, parameters, metadata: call.metadata(global))
        }
        var list = UserText.lines(result.user)
        if asked, !result.credentialsSet {
            list.add(
                "attention",
                "the password was not set: the user existed before; see 'mosaicctl password register'"
            )
        }
        return Report(text: list.text, result: JSONText { result.encode(to: &$0) })
    }
}

/// `mosaicctl user update`
struct UserUpdateCommand: AgentCommand {
    static let title = "user update"
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a user's profile or status.",
        discussion: """
            What is not given stays as it is. Objects and lists replace the old ones whole; only --custom-data is merged, \
            at its first level.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var profile: ProfileOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    @Option(
        help: ArgumentHelp(
            "The user's state: \(UserUpdate.Parameters.statuses.joined(separator: ", ")).",
            valueName: "status"
        )
    )
    var status: String?

    func report() async throws -> Report {
        let parameters = UserUpdate.Parameters(
            userID: Identifier(userID),
            profile: try profile.profile(),
            status: status
        )
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserUpdate.self, parameters, metadata: call.metadata(global))
        }
        return Report(text: UserText.lines(result.user).text, result: JSONText { result.encode(to: &$0) })
    }
}

/// `mosaicctl user search`
struct UserSearchCommand: AgentCommand {
    static let title = "user search"
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "List users, page by page."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The beginning of an e-mail address or phone number. (default: all users)")
    var prefix: String?

    @Option(help: ArgumentHelp("A SCIM filter, such as 'status eq \"Active\"'.", valueName: "filter"))
    var search: String?

    @Option(help: ArgumentHelp("How many users to skip. (default: 0)", valueName: "count"))
    var offset: Int?

    @Option(
        help: ArgumentHelp(
            "How many users to show, at most \(UserSearch.Parameters.pageLimits.upperBound). "
                + "(default: \(UserSearch.Parameters.defaultPageLimit))",
            valueName: "count"
        )
    )
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "What to sort by: \(UserSearch.Parameters.sortFields.joined(separator: ", ")).",
            valueName: "field"
        )
    )
    var sort: String?

    @Flag(help: "Sort downwards.")
    var descending = false

    func report() async throws -> Report {
        var parameters = UserSearch.Parameters()
        parameters.search = search
        parameters.searchPrefix = prefix
        parameters.pageOffset = offset
        parameters.pageLimit = limit
        parameters.sortField = sort
        parameters.sortOrder = descending ? "desc" : nil
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(UserSearch.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            text: Self.text(result, offset: offset ?? 0),
            result: JSONText { result.encode(to: &$0) },
            remark: Report.remark(omitted: result.omitted)
        )
    }

    private static func text(_ result: UserSearch.Result, offset: Int) -> String {
        var table = Table(["USER ID", "STATUS", "USER NAME", "E-MAIL", "PHONE NUMBER", "NAME"])
        for user in result.users {
            table.add([
                user["user_id"]?.string, user["status"]?.string, user["username"]?.string,
                user["email"]?["value"]?.string, user["phone_number"]?["value"]?.string, UserText.name(user["name"]),
            ])
        }
        var text = result.users.isEmpty ? "no users\n" : table.text
        if result.pageInfo.hasNextPage == true {
            let total = result.totalCount.map { " of \($0)" } ?? ""
            // What was left out whole has its place on the page.
            let passed = result.users.count + result.omitted.count { $0.hasPrefix("list[") }
            text += "\n\(result.users.count)\(total); more with --offset \(offset + passed)\n"
        }
        return text
    }
}

/// `mosaicctl user authenticators`
struct UserAuthenticatorsCommand: AgentCommand {
    static let title = "user authenticators"
    static let configuration = CommandConfiguration(
        commandName: "authenticators",
        abstract: "List the ways in which a user can log in, and which are locked."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "Mosaic's id of the user.")
    var userID: String

    func report() async throws -> Report {
        let parameters = UserAuthenticators.Parameters(userID: Identifier(userID))
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserAuthenticators.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) },
            remark: Report.remark(omitted: result.omitted)
        )
    }

    private static func text(_ result: UserAuthenticators.Result) -> String {
        var table = Table(["TYPE", "STATUS", "REGISTERED", "LAST USED", "LAST REFUSED", "ID"])
        for authenticator in result.authenticators.map(\.value) {
            table.add(
                [
                    "type", "status", "registered_at", "last_successful_authentication", "last_failed_authentication",
                    "id",
                ].map { authenticator[$0]?.string }
            )
        }
        return result.authenticators.isEmpty ? "no authenticators\n" : table.text
    }
}

/// `mosaicctl user logout`
struct UserLogoutCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "End the session that a user's access token belongs to.",
        discussion: """
            The access token is asked for on the terminal, unless --token-stdin or --token-file is given; a terminal \
            takes 4094 bytes at most. Exits 8 when the token is no longer good.
            """
    )

    static let title = "user logout"

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var input: TokenInput

    func report() async throws -> Report {
        let parameters = UserLogout.Parameters(accessToken: try input.token("Access token: "))
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserLogout.self, parameters, metadata: call.metadata(global))
        }
        var list = FieldList()
        list.add("sessions ended", result.sessionsCount.map { "\($0)" })
        return Report(text: "logged out\n" + list.text, result: result, showTokens: false)
    }
}
