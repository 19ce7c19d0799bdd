import Foundation
import TestSupport

/// A sandbox and an agent for many cases, with the clients and rules that tell who may do what.
///
/// All calls come from the same uid, so the client that a call names decides which rule is for it:
///
/// | client | its rule |
/// |---|---|
/// | `default` | every right |
/// | `details` | every right, and `Details=yes` |
/// | `without-RIGHT` | every right but that one |
/// | `limited-METHOD` | every right; for calls that Mosaic asks to slow down, which binds the client |
final class ConformanceBed {
    let world: TestBed
    let sandbox: SandboxControl
    private let connection: LineSocket
    private var lastCall = 0
    private var lastUser = 0
    private var isAltered = false
    private let preferences: JSONTree
    /// The parameters of each method's good call, where they are prepared before Mosaic is taken away.
    var good: [String: JSONTree] = [:]
    /// The case that is carried out.
    var current = ""
    private(set) var secrets = SecretLeakSearch()
    /// What the audit trail has to say about each call, by its trace.
    private var recorded: [String: (of: String, method: String, expected: Expected?)] = [:]

    /// A stage on a world whose agent may be configured otherwise.
    init(_ world: TestBed) async throws {
        self.world = world
        sandbox = try SandboxControl(world.sandbox)
        connection = try LineSocket(world.agent.socket)
        preferences = try await sandbox.send("GET", "preferences")["auth_methods"] ?? [:]
        secrets.add(try world.sandbox.clientSecret())
    }

    /// The name of the client for calls that Mosaic asks to slow down.
    static func limited(_ method: String) -> String {
        "limited-" + method.replacing(".", with: "-").replacing("_", with: "-")
    }

    /// A call as the client of that name, and its answer.
    ///
    /// No answer that refuses may repeat a secret of the call.
    func ask(
        _ method: String,
        _ params: JSONTree,
        as client: String,
        expecting expected: Expected? = nil
    ) throws -> (answer: JSONTree, problems: [String]) {
        lastCall += 1
        let trace = "walk-\(lastCall)-\(UInt32.random(in: 0...UInt32.max))"
        let known = MethodSpec.method(method)
        let meta: JSONTree =
            known?.effect == .local
            ? ["trace_id": .string(trace)] : ["client": .string(client), "trace_id": .string(trace)]
        let given = Self.secrets(in: params)
        for secret in given { secrets.add(secret) }
        try connection.sendLine(
            #"{"jsonrpc":"2.0","id":\#(lastCall),"method":"\#(method)","params":\#(try params.with(["meta": meta]).text)}"#
        )
        guard let line = try connection.readLine() else {
            throw HarnessFailure("the agent closed instead of answering")
        }
        recorded[trace] = (current, method, expected)
        let answer = try JSONTree(line)
        var problems: [String] = []
        if answer["id"]?.integer != lastCall { problems.append("the answer's id is not \(lastCall)") }
        for secret in Self.secrets(in: answer["result"] ?? .null) { secrets.add(secret) }
        if answer["error"] != nil || answer["result"]?["verdict"]?.string == "denied" {
            problems += given.filter { $0.utf8.count >= 4 && line.contains($0) }.map { _ in "the refusal has a secret" }
        }
        return (answer, problems)
    }

    /// Everything that a call of that kind may be asked with, or answered with, and that is secret.
    private static func secrets(in tree: JSONTree) -> [String] {
        let names = [
            "password", "new_password", "passcode", "code", "session_id", "reset_token", "prev_reset_token",
            "access_token", "refresh_token", "id_token", "token", "code_verifier", "link", "reset_link", "url",
        ]
        var found = names.compactMap { tree[$0]?.string }
        if let password = tree["credentials"]?["password"]?.string { found.append(password) }
        for session in tree["sessions"]?.array ?? [] {
            if let id = session["session_id"]?.string { found.append(id) }
        }
        return found
    }

    /// Undoes what a case has changed for all: faults and login preferences.
    func restore() async throws {
        guard isAltered else { return }
        isAltered = false
        try await sandbox.clearFaults()
        try await sandbox.send("PATCH", "preferences", preferences)
        try await sandbox.send("PUT", "settings", ["wrong_password_shape": "symbolic"])
    }

    /// Says that a case changes something for all.
    func alter() { isAltered = true }

    /// A number that no other user of the stage has.
    func newNumber() -> Int {
        lastUser += 1
        return lastUser
    }

    /// Looks through what the agent and the sandbox have written, after the agent has ended.
    ///
    /// - Returns: what is wrong with it: secrets, and calls without exactly one audit record or with another verdict.
    func audit() async throws -> [String] {
        _ = try await world.agent.process.terminate()
        let log = world.agent.process.error
        var problems: [String] = []
        for (name, text) in [
            ("the agent's log", log), ("the agent's output", world.agent.process.output),
            ("the sandbox's log", world.sandbox.process.error), ("the sandbox's output", world.sandbox.process.output),
        ] {
            let found = secrets.found(in: text)
            if !found.isEmpty { problems.append("\(found.count) secrets are in \(name)") }
        }
        return problems + (try auditTrailProblems(log))
    }

    private func auditTrailProblems(_ log: String) throws -> [String] {
        let prefix = "mosaicd-audit: "
        var records: [String: [JSONTree]] = [:]
        for line in log.split(separator: "\n") where line.hasPrefix(prefix) {
            let record = try JSONTree(line.dropFirst(prefix.count))
            if let trace = record["MOSAIC_TRACE_ID"]?.string { records[trace, default: []].append(record) }
        }
        var problems: [String] = []
        for (trace, call) in recorded {
            let found = records[trace] ?? []
            guard let record = found.first, found.count == 1 else {
                problems.append("\(call.of): \(call.method) has \(found.count) audit records")
                continue
            }
            if record["MOSAIC_METHOD"]?.string != call.method {
                problems.append("\(call.of): \(call.method) is recorded as \(record)")
            }
            guard let (verdict, error, reason) = call.expected?.recorded else { continue }
            for (field, value) in [("VERDICT", verdict), ("ERROR", error), ("REASON", reason)] {
                guard let value, record["MOSAIC_\(field)"]?.string != value else { continue }
                problems.append("\(call.of): the record's \(field) is not \(value): \(record)")
            }
        }
        return problems
    }
}

extension AgentOptions {
    /// The clients and rules of a stage.
    static func walk(_ methods: [String]) -> AgentOptions {
        var options = AgentOptions()
        // Held answers would take the walk minutes; what the grid does is shown with the uniform answers.
        options.daemon = ["ReleaseGrid=1ms", "ReleaseJitter=0"]
        let every = Set(MethodSpec.rights)
        let needed = Set(methods.compactMap(MethodSpec.method).flatMap { $0.rights + $0.fieldRights }).sorted()
        let limited = methods.map(ConformanceBed.limited)
        options.furtherClients = ["details"] + limited + needed.map { "without-\($0)" }
        let rules =
            [rule("all", ["default"] + limited, every), rule("details", ["details"], every, "Details=yes")]
            + needed.map { rule("without-\($0)", ["without-\($0)"], every.subtracting([$0])) }
        options.access = rules.joined(separator: "\n\n")
        return options
    }

    private static func rule(_ name: String, _ clients: [String], _ rights: Set<String>, _ more: String = "") -> String
    {
        """
        [Access \(name)]
        Match=uid:\(getuid())
        Clients=\(clients.joined(separator: " "))
        Allow=\(rights.sorted().joined(separator: " "))
        \(more)
        """
    }
}
