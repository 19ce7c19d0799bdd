import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl throttle`
struct ThrottleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throttle",
        abstract: "Look at what holds back guesses and floods of messages, and let a user through again.",
        subcommands: [ThrottleListCommand.self, ThrottleClearCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: list, clear") }
}

/// `mosaicctl throttle list`
struct ThrottleListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract:
            "Show whose budgets of attempts and messages are used, by which callers, and when there is room again.",
        discussion: """
            Takes at most one of USER, --target and --uid. Users are shown by the hash that the audit trail has for them \
            (target-hash), those whose budget is used up first. LEFT is what is left of the budget; AGAIN tells when a call \
            that would be refused now passes, if nothing else happens. Callers are user ids, with the address that the \
            application has told (TrustClientIP=), and how often each has failed.

            A caller who has not failed on a user passes even if the budget is used up.
            """
    )

    static var title: String { "throttle list" }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var chosen: ThrottleSubjectOptions

    @Option(
        help: ArgumentHelp(
            "At most so many lines of each list, up to \(ThrottleList.Parameters.maximumLimit).",
            valueName: "number"
        )
    )
    var limit = ThrottleList.Parameters.defaultLimit

    func validate() throws {
        guard chosen.count <= 1 else { throw ValidationError("give at most one of USER, --target and --uid") }
        guard (1...ThrottleList.Parameters.maximumLimit).contains(limit) else {
            throw ValidationError("--limit must be within 1 to \(ThrottleList.Parameters.maximumLimit)")
        }
    }

    func report() async throws -> Report {
        let parameters = ThrottleList.Parameters(chosen.subject, limit: limit)
        let result = try await withAgent(.control) { agent in
            try await agent.call(ThrottleList.self, parameters, metadata: global.metadata)
        }
        return Report(text: ThrottleText.text(result), result: JSONText { result.encode(to: &$0) })
    }
}

/// `mosaicctl throttle clear`
struct ThrottleClearCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Forget failed attempts and sends, so that the users and callers they hold up can go on.",
        discussion: """
            Takes exactly one of USER, --target, --uid and --all. Of a user, all failures and messages are forgotten, \
            of all callers and in all applications; of a caller, all its own, about all users. That there was nothing to \
            forget is told, and no failure.

            It does not end a lockout at Mosaic itself. Before you let a user through, look who has been guessing: \
            mosaicctl audit --target HASH
            """
    )

    static var title: String { "throttle clear" }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var chosen: ThrottleSubjectOptions

    @Flag(help: "All users and all callers.")
    var all = false

    func validate() throws {
        guard chosen.count + (all ? 1 : 0) == 1 else {
            throw ValidationError("give exactly one of USER, --target, --uid and --all")
        }
    }

    func report() async throws -> Report {
        let scope = chosen.subject.map { ThrottleClear.Scope.only($0) } ?? .everything
        let result = try await withAgent(.control) { agent in
            try await agent.call(ThrottleClear.self, .init(scope), metadata: global.metadata)
        }
        return Report(text: Self.text(result) + "\n", result: JSONText { result.encode(to: &$0) })
    }

    private static func text(_ result: ThrottleClear.Result) -> String {
        let parts = [
            (result.failures, "failed attempt"), (result.sends, "message"), (result.callers, "caller's budget"),
        ].filter { $0.0 > 0 }.map { count, name in count == 1 ? "1 \(name)" : "\(count) \(plural(name))" }
        return parts.isEmpty ? "There was nothing to forget." : "Forgotten: \(parts.joined(separator: ", "))."
    }

    private static func plural(_ name: String) -> String {
        name == "caller's budget" ? "callers' budgets" : name + "s"
    }
}
