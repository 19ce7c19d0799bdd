import ArgumentParser
import MosaicSandbox

/// `mosaic-sandbox faults`.
struct Faults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make things go wrong on purpose.",
        subcommands: [List.self, Set.self, Clear.self],
        defaultSubcommand: List.self
    )

    /// `faults list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the faults in force as JSON.")

        @OptionGroup var control: ControlOptions

        func run() async throws { try printJSON(await control.send("GET", "faults")) }
    }

    /// `faults set E17 --action unauthorized --kind bare --count 1`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a fault; of several, the first that concerns a request is the one it meets.",
            discussion: """
                Endpoints are numbers (E1, E17, …), classes (token, keys, password, one-time, users, sessions, \
                preferences) or '*'. Actions: status (--status, --shape, --code, --message, --retry-after, --challenge), latency \
                (--latency-ms), reset, slow_body (--latency-ms), unauthorized (--kind bearer|symbolic|bare), edge (HTML; --status, --challenge), malformed. Every \
                action but slow_body first waits --latency-ms if given. With --phase after the request takes effect \
                before its answer is replaced.
                """
        )

        @OptionGroup var control: ControlOptions

        @Argument(help: "Endpoints, classes or '*'.")
        var endpoints: [String]

        @Option var action: Fault.Action

        @Option(help: "HTTP status, 400 to 599.")
        var status: Int?

        @Option(
            help: """
                Error shape A to F of the contract; none (no body); or text, truncated, deep, array, scalar, bare (a message \
                without a code), gateway (statusCode and message).
                """
        )
        var shape: Fault.Shape?

        @Option(help: "Error code of shapes D, E and F.")
        var code: String?

        @Option(help: "Message of the error body.")
        var message: String?

        @Option(name: .customLong("challenge"), help: "A WWW-Authenticate header; can be repeated.")
        var challenges: [String] = []

        @Option(help: "Seconds for the Retry-After header.")
        var retryAfter: Int?

        @Option(help: "Which 401.")
        var kind: Fault.UnauthorizedKind?

        @Option(help: "Milliseconds to wait.")
        var latencyMs: Int?

        @Option(help: "Before or after the request takes effect.")
        var phase: Fault.Phase?

        @Option(help: "How many requests it hits; default: all until cleared.")
        var count: Int?

        @Option(help: "The share of requests that it hits, such as 0.05; default: all.")
        var probability: Double?

        private var fault: Fault {
            var fault = Fault(endpoints: endpoints, action: action)
            fault.status = status
            fault.shape = shape
            fault.code = code
            fault.message = message
            fault.challenges = challenges.isEmpty ? nil : challenges
            fault.retryAfter = retryAfter
            fault.kind = kind
            fault.latencyMilliseconds = latencyMs
            fault.phase = phase
            fault.count = count
            fault.probability = probability
            return fault
        }

        func validate() throws {
            if let problem = fault.problems.first { throw ValidationError(problem) }
        }

        func run() async throws {
            try printJSON(await control.send("POST", "faults", JSONValue(encoding: fault)))
        }
    }

    /// `faults clear`.
    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take away one fault or all.")

        @OptionGroup var control: ControlOptions

        @Argument(help: "The fault's number; all without it.")
        var id: Int?

        func run() async throws {
            try printJSON(await control.send("DELETE", "faults" + (id.map { "/\($0)" } ?? "")))
        }
    }
}

extension Fault.Action: ExpressibleByArgument {}
extension Fault.Shape: ExpressibleByArgument {}
extension Fault.UnauthorizedKind: ExpressibleByArgument {}
extension Fault.Phase: ExpressibleByArgument {}
