import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON
import UnixSignals

/// `mosaicctl watch`
struct WatchCommand: StreamingCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show what happens in the agent, as it happens.",
        discussion: """
            One line per event, until it is interrupted, --timeout has passed or its output is not read any more; all of \
            that ends it with status 0. If the agent stops, the status is 6. With --json, one object per line: {"schema", "command", "event"}; if it fails, the last \
            line has "exit_status" and "error" instead.

            Nothing secret is shown; users are named as in the audit trail (target-hash). If output is read too slowly, \
            events are left out, and the next one says how many.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("event"),
        help: ArgumentHelp("Only events of this kind; may be repeated.", valueName: "kind")
    )
    var events: [Kind] = []

    func stream(_ write: @escaping @Sendable (String) throws -> Void) async throws -> ExitStatus {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        do {
            return try await withAgent(.control) { agent in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await show(agent, write) }
                    group.addTask { _ = await signals.first { _ in true } }
                    try await group.next()
                    group.cancelAll()
                    try await group.waitForAll()
                }
                return .done
            }
        } catch let failure as CommandFailure where failure.refusal?.kind == .deadlineExceeded && global.timeout != nil
        {
            return .done
        }
    }

    private func show(_ agent: AgentClient, _ write: (String) throws -> Void) async throws {
        let limit = global.timeout.map { Duration.milliseconds($0.milliseconds) }
        for try await event in agent.events(events.map(\.kind), deadline: limit) {
            try write(global.json ? JSONReport.text(command: Self.title, event: event) : EventText.line(event))
        }
    }

    /// The name of a kind of event on the command line.
    struct Kind: ExpressibleByArgument {
        static let allValueStrings = EventKind.watchable.map(\.name)

        let kind: EventKind

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            kind = EventKind(argument)
        }
    }
}
