import Foundation
import MosaicSandbox

/// The control routes of a running sandbox, asked directly: its commands do the same, at the price of a process for each.
struct SandboxControl: Sendable {
    private let client: ControlClient

    /// The control of a sandbox that runs.
    init(_ sandbox: SandboxFixture) throws {
        client = try ControlClient(state: StateDirectory(path: sandbox.state))
    }

    /// Sends one request below `/_sandbox/` and returns the answer's JSON.
    @discardableResult
    func send(_ method: String, _ path: String, _ body: JSONTree? = nil) async throws -> JSONTree {
        let body = try body.map { try JSONValue(text: Data(try $0.text.utf8)) }
        return try JSONTree(String(decoding: try await client.send(method, path, body).text, as: UTF8.self))
    }

    /// Sets how many seconds the sandbox's clock is ahead of the machine's.
    func setClock(ahead seconds: Int) async throws {
        try await send("PUT", "clock", ["offset_seconds": .number(Double(seconds))])
    }

    /// Does something by the sandbox's clock of `seconds` ago, and returns to the present.
    ///
    /// Better than to move on: what the agent holds stays valid.
    func ago<Result>(_ seconds: Int, _ body: () async throws -> Result) async throws -> Result {
        try await setClock(ahead: -seconds)
        let result: Result
        do {
            result = try await body()
        } catch {
            try await setClock(ahead: 0)
            throw error
        }
        try await setClock(ahead: 0)
        return result
    }

    /// Has an endpoint go wrong; `fault` has the further members of a fault, `action` first among them.
    func fail(_ endpoint: String, _ fault: JSONTree) async throws {
        try await send("POST", "faults", fault.with(["endpoints": [.string(endpoint)]]))
    }

    /// Takes all faults back.
    func clearFaults() async throws { try await send("DELETE", "faults") }

    /// How many requests an endpoint has seen.
    func count(_ endpoint: String) async throws -> Int {
        let shown = try await send("GET", "requests?after=1000000000")
        return shown["counts"]?[endpoint]?["total"]?.integer ?? 0
    }

    /// The newest message to an address, of a kind such as `one_time_code`.
    func message(to address: String, kind: String) async throws -> JSONTree {
        let shown = try await send("GET", "outbox?to=\(ControlClient.segment(address))&limit=20")
        guard let message = shown["messages"]?.array?.first(where: { $0["kind"]?.string == kind }) else {
            throw HarnessFailure("no \(kind) to \(address) in the outbox")
        }
        return message
    }

    /// How many messages went to an address.
    func messageCount(to address: String) async throws -> Int {
        let shown = try await send("GET", "outbox?to=\(ControlClient.segment(address))&limit=20")
        return shown["messages"]?.array?.count ?? 0
    }
}
