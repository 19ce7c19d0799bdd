import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl metrics`
struct MetricsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print what the agent counts and measures, for monitoring.",
        discussion: """
            In the text format of Prometheus, which the textfile collector of its node_exporter takes, or as OpenMetrics 1.0. \
            With --json, in the form of the protocol.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: "How to write them.")
    var format = Format.prometheus

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonMetrics.self, metadata: global.metadata)
        }
        return Report(
            text: MetricsText.text(result.metrics, as: format.format),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    /// The name of a format on the command line.
    struct Format: ExpressibleByArgument {
        static let prometheus = Format(format: .prometheus)
        static let allValueStrings = MetricsText.Format.allCases.map(\.rawValue)

        let format: MetricsText.Format

        private init(format: MetricsText.Format) { self.format = format }

        init?(argument: String) {
            guard let format = MetricsText.Format(rawValue: argument) else { return nil }
            self.format = format
        }

        var defaultValueDescription: String { format.rawValue }
    }
}
