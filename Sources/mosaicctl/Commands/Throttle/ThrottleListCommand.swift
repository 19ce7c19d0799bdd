import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

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
