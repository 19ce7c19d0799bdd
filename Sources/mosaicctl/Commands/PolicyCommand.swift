import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl policy`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Ask what the access rules allow.",
        subcommands: [PolicyExplainCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: explain") }
}

/// `mosaicctl policy explain`
struct PolicyExplainCommand: AgentCommand {
    static let title = "policy explain"
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell whether a caller may make a call, and which rule says so.",
        discussion: """
            The running agent decides, with the code that decides real calls; nothing is called. With --user, the \
            groups are those that the user would get at a login; with --uid they are those given by --gid and --group. \
            With --unit alone, user and groups are those that the unit's settings give it (User=, Group=, \
            SupplementaryGroups=). Without --unit and --user-unit, the caller is one whose unit could not be found out: \
            rules that go by units are not for it.

            What the rules say can depend on the parameters of the call: on the users it names (--target), and on fields \
            with rights of their own (--field-right), such as channel "direct". Both are taken from the parameters where \
            they are given; required ones, such as passwords, may be left out.

            Exits 0 when the call is allowed, 4 when it is forbidden.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The caller by number.", valueName: "number"))
    var uid: UInt32?

    @Option(help: ArgumentHelp("The caller by name; brings its groups.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("A group of the caller by number; may be repeated.", valueName: "number"))
    var gid: [UInt32] = []

    @Option(help: ArgumentHelp("A group of the caller by name; may be repeated.", valueName: "name"))
    var group: [String] = []

    @Option(help: ArgumentHelp("The caller's unit, such as storefront.service.", valueName: "unit"))
    var unit: String?

    @Option(
        help: ArgumentHelp("The caller's unit in the manager of its own user; with --uid or --user.", valueName: "unit")
    )
    var userUnit: String?

    @Option(help: ArgumentHelp("The configured Mosaic client that the call names.", valueName: "name"))
    var client: String?

    @Option(
        help: ArgumentHelp("The user that the call is about, for rules that limit the users.", valueName: "identifier")
    )
    var target: String?

    @Option(help: "What sort of identifier --target is.")
    var type = TargetType.username

    @Option(
        help: ArgumentHelp("A right to a single field that the call would need; may be repeated.", valueName: "right")
    )
    var fieldRight: [String] = []

    @Argument(help: "The method, such as password.authenticate.")
    var method: String

    @Argument(
        help: ArgumentHelp(
            "The parameters of the call, a JSON object, or - to read them from standard input; instead of --target and "
                + "--field-right.",
            valueName: "json"
        )
    )
    var params: String?

    func validate() throws {
        guard uid == nil || user == nil else { throw ValidationError("give either --uid or --user") }
        guard uid != nil || user != nil || unit != nil else { throw ValidationError("give --uid, --user or --unit") }
        guard params == nil || (target == nil && fieldRight.isEmpty) else {
            throw ValidationError("the parameters say the target and the rights: leave out --target and --field-right")
        }
        guard userUnit == nil || uid != nil || user != nil else {
            throw ValidationError("--user-unit needs --uid or --user: every user can make a unit of that name")
        }
    }

    func report() async throws -> Report {
        let (uid, gids) = try caller()
        let parameters = PolicyExplain.Parameters(
            uid: uid,
            gids: gids,
            method: method,
            client: client,
            target: target.map { Target(kind: type.kind, identifier: Identifier($0)) },
            fieldRights: fieldRight.map { Right($0) },
            params: try CallCommand.parameters(
                params,
                of: method,
                on: .main,
                command: "mosaicctl policy explain ... \(method)"
            ),
            unit: unit,
            userUnit: userUnit
        )
        let result = try await withAgent(.control) { agent in
            try await agent.call(PolicyExplain.self, parameters, metadata: global.metadata)
        }
        return Report(
            status: result.allowed ? .done : .forbidden,
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    private func caller() throws -> (uid: UInt32, gids: [UInt32]) {
        var gids = gid
        for name in group {
            guard let number = UserDatabase.group(named: name) else {
                throw CommandFailure(.usage, "there is no group \(name) on this machine")
            }
            gids.append(number)
        }
        if let uid { return (uid, gids) }
        if user == nil, let unit { return try UnitCredentials.caller(ofUnit: unit, furtherGroups: gids) }
        guard let user, let entry = UserDatabase.user(named: user) else {
            throw CommandFailure(.usage, "there is no user \(user ?? "") on this machine")
        }
        return (entry.uid, entry.gids + gids.filter { !entry.gids.contains($0) })
    }

    private static func text(_ result: PolicyExplain.Result) -> String {
        var list = FieldList()
        list.add("why", result.reason)
        list.add("rule", result.rule)
        list.add("client", result.client)
        if result.allowed {
            list.add("details", result.details ? "yes: the caller is told reasons" : "no")
            list.add(
                "trust client IP",
                result.trustsClientIP == true ? "yes: the throttle goes by stated addresses" : "no"
            )
        }
        if !result.rules.isEmpty { list.heading("Rules in the order in which they are tried") }
        for rule in result.rules { list.add(rule.rule, rule.reason) }
        return (result.allowed ? "allowed" : "forbidden") + "\n" + list.text
    }

    /// The kinds of identifiers that a target may have.
    struct TargetType: ExpressibleByArgument {
        static let username = TargetType(kind: .username)
        static let allValueStrings = IdentifierKind.known.map(\.name)

        let kind: IdentifierKind

        private init(kind: IdentifierKind) { self.kind = kind }

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            kind = IdentifierKind(argument)
        }

        var defaultValueDescription: String { kind.name }
    }
}
