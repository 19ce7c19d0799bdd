import ArgumentParser
import Linux
import MosaicSandbox

/// `mosaic-sandbox outbox`.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Show mail and SMS that the cloud would have sent, newest first.",
        discussion: """
            Prints JSON {messages: [{id, time, channel, kind, to, from, subject, text, code, link, user_id}]}. With --last prints \
            only the newest message's code or link; exit status 1 when there is none.
            """
    )

    /// The part of a message that scripts need.
    enum Part: String, ExpressibleByArgument, CaseIterable {
        case code
        case link
    }

    @OptionGroup var control: ControlOptions

    @Option(help: ArgumentHelp("Only messages to this address or phone number.", valueName: "address"))
    var to: String?

    @Option(help: ArgumentHelp("Only messages with a greater id.", valueName: "id"))
    var after: UInt32 = 0

    @Option(help: "Print only the newest message's code, or its link.")
    var last: Part?

    @Flag(help: "When there is no such message yet, wait for one. Use --after to wait for a new one.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait.", valueName: "seconds"))
    var timeout: UInt32 = 10

    @Flag(help: "Print the address of the web page instead; the token stands in it.")
    var url = false

    @Flag(help: "Forget all messages instead.")
    var clear = false

    func validate() throws {
        if url && (clear || wait || last != nil) { throw ValidationError("--url goes with no other option") }
        if clear && (wait || last != nil) { throw ValidationError("--clear goes with no other option") }
    }

    func run() async throws {
        if url {
            let address: String
            do { address = try ControlClient(state: control.directory).description.outboxURL } catch {
                throw CommandFailure(error)
            }
            return try StandardOutput.write(address + "\n")
        }
        if clear {
            try printJSON(await control.send("DELETE", "outbox"))
            return
        }
        let answer = try await messages()
        guard let last else {
            try printJSON(answer)
            return
        }
        guard let part = answer["messages"]?.elements?.lazy.compactMap({ $0[last.rawValue]?.string }).first else {
            throw CommandFailure("there is no message with a \(last.rawValue)" + (to.map { " to \($0)" } ?? ""))
        }
        try StandardOutput.write(part + "\n")
    }

    /// Asks once, or again and again until there is a message or the time is up: one request may be held back only so long.
    private func messages() async throws -> JSONValue {
        var path = "outbox?after=\(after)"
        if let to { path += "&to=\(ControlClient.segment(to))" }
        let end = ContinuousClock.now + .seconds(timeout)
        while true {
            let left = wait ? ContinuousClock.now.duration(to: end) / .seconds(1) : 0
            let answer = try await control.send("GET", "\(path)&wait=\(min(max(left, 0), 10))")
            if left <= 0 || answer["messages"]?.elements?.isEmpty == false { return answer }
        }
    }
}
