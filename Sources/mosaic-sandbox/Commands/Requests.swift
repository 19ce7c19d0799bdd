import ArgumentParser
import Linux
import MosaicSandbox

/// `mosaic-sandbox requests`.
struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what reached the sandbox.",
        discussion: """
            Prints JSON {counts: {E1: {total, 200, …}}, requests: [{sequence, time, endpoint, method, path, status, …}]}. \
            A status of 0 is a connection cut by a fault. With --count prints one number only.
            """
    )

    @OptionGroup var control: ControlOptions

    @Option(help: ArgumentHelp("Leave out requests up to this sequence number.", valueName: "sequence"))
    var after: UInt?

    @Option(help: ArgumentHelp("Print only how many requests this endpoint saw, e.g. E1.", valueName: "endpoint"))
    var count: String?

    @Option(help: "With --count: only those answered with this status.")
    var status: UInt?

    @Flag(help: "Set all counts to zero instead.")
    var clear = false

    func validate() throws {
        if let count, Endpoint(rawValue: count) == nil {
            throw ValidationError("--count must be one of \(Endpoint.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if status != nil && count == nil { throw ValidationError("--status needs --count") }
    }

    func run() async throws {
        if clear {
            _ = try await control.send("DELETE", "requests")
            return
        }
        let answer = try await control.send("GET", "requests" + (after.map { "?after=\($0)" } ?? ""))
        if let count {
            let number = answer["counts"]?[count]?[status.map(String.init) ?? "total"]?.integer ?? 0
            try StandardOutput.write("\(number)\n")
        } else {
            try printJSON(answer)
        }
    }
}
