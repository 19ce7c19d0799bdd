import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

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
