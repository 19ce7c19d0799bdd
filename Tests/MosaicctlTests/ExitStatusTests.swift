import StrictJSON
import TestSupport
import Testing

/// Every exit status, by what the agent answers.
@Suite(.longTimeLimit) struct ExitStatusTests {
    private static let logins: [(String, Int32)] = [
        (Canned.granted, 0), (Canned.denied, 1), (Canned.changeRequired, 3),
        (Canned.error(1001, "forbidden", outcome: "not_sent"), 4),
        (Canned.error(1002, "throttled", outcome: "not_sent"), 5),
        (Canned.error(1003, "overloaded", outcome: "not_sent"), 5),
        (Canned.error(1102, "upstream_rate_limited", outcome: "not_sent"), 5),
        (Canned.error(1005, "shutting_down", outcome: "not_sent"), 6),
        (Canned.error(1004, "deadline_exceeded", outcome: "not_sent"), 7),
        (Canned.error(1101, "upstream_unavailable", outcome: "not_sent"), 7),
        (Canned.error(1103, "credential_rejected", outcome: "not_sent"), 7),
        (Canned.error(1104, "upstream_protocol", outcome: "not_sent"), 7),
        (Canned.error(1105, "upstream_forbidden", outcome: "not_sent"), 7),
        (Canned.error(1199, "not_known_yet", outcome: "not_sent"), 7),
        (Canned.error(1201, "password_rejected"), 8), (Canned.error(1202, "conflict"), 8),
        (Canned.error(1203, "not_found"), 8), (Canned.error(1204, "not_configured"), 8),
        (Canned.error(1205, "invalid_token"), 8), (Canned.error(1206, "result_too_large"), 8),
        (Canned.error(1299, "not_known_yet"), 8),
        (Canned.error(1004, "deadline_exceeded", outcome: "unknown"), 9),
        (Canned.error(1101, "upstream_unavailable", outcome: "unknown"), 9),
        (Canned.error(1206, "result_too_large", outcome: "unknown"), 9),
        (Canned.error(-32603, "internal", outcome: "unknown"), 9),
        (Canned.error(1205, "invalid_token", outcome: "unknown"), 9),
        (Canned.error(1101, "upstream_unavailable", outcome: "not known yet"), 9),
        (Canned.error(1101, "upstream_unavailable", outcome: "refused"), 7),
        (Canned.error(1102, "upstream_rate_limited", outcome: "refused"), 5),
        (Canned.error(1103, "credential_rejected", outcome: "refused"), 7),
        (Canned.error(1105, "upstream_forbidden", outcome: "refused"), 7),
        (Canned.error(1202, "conflict", outcome: "refused"), 8),
        (Canned.error(1205, "invalid_token", outcome: "refused"), 8),
        (Canned.error(-32602, "invalid_params", outcome: "refused"), 64),
        (Canned.error(-32602, "invalid_params", outcome: "not_sent"), 64),
        (Canned.error(-32601, "method_not_found", outcome: "not_sent"), 64),
        (Canned.error(-32600, "invalid_request"), 64),
        (Canned.error(-32700, "parse_error"), 70), (Canned.error(-32603, "internal", outcome: "not_sent"), 70),
        (Canned.error(-32800, "cancelled", outcome: "not_sent"), 70), (Canned.error(17, "not_known_yet"), 70),
        (#""result":{"verdict":"perhaps"}"#, 9),
    ]

    @Test(arguments: logins)
    func `a login's exit status says what became of it, with and without --json`(
        answer: String,
        status: Int32
    )
        async throws
    {
        try await FakeAgent.answering { _ in
            answer
        } _: { path in
            let login = ["login", "alice", "--password-stdin"]
            let text = try await Ctl.run(login, socket: path, input: "pw")
            #expect(text.status == status, "\(text.error)")
            let json = try await Ctl.run(login + ["--json"], socket: path, input: "pw")
            #expect(json.status == status)
            #expect(try json.json["exit_status"]?.integer == Int64(status))
            let isResult = status < 4
            #expect(try (json.json["result"] != nil) == isResult)
            #expect(try (json.json["error"] != nil) == !isResult)
            #expect(text.output.isEmpty == !isResult, "messages belong on standard error: \(text.output)")
        }
    }

    @Test(arguments: [["status"], ["health"], ["ping"], ["hello"], ["discover"], ["refresh-token"], ["reload"]])
    func `without an agent a command says what it found at the socket and exits with 6`(command: [String]) async throws
    {
        try await FakeAgent.inScratchDirectory { directory in
            let path = directory + "/none.sock"
            let text = try await Ctl.run(command, socket: path)
            #expect(text.status == 6 && text.output.isEmpty)
            for part in [path, "does not exist", "systemctl start mosaicd.socket", "you are"] {
                #expect(text.error.contains(part), "\(part) is missing in: \(text.error)")
            }
            let error = try #require(try await Ctl.run(command + ["--json"], socket: path).json["error"])
            #expect(error["source"]?.string == "mosaicctl")
            #expect(error["data"]?["kind"]?.string == "not_running")
            #expect(error["socket"]?["path"]?.string == path && error["socket"]?["exists"]?.boolean == false)
        }
    }

    @Test func `a connection that ends early leaves a login unknown and a ping not running`() async throws {
        try await FakeAgent.listening { connection in
            _ = try await connection.request()
            try await connection.send(#"{"jsonrpc":"2.0","id":1,"result":{"verdict":"granted""#)
        } _: { path in
            let login = try await Ctl.run(["login", "alice", "--password-stdin"], socket: path, input: "pw")
            #expect(login.status == 9 && login.error.contains("may have taken effect"), "\(login.error)")
            #expect(try await Ctl.run(["ping"], socket: path).status == 6)
        }
    }

    @Test func `an agent that says nothing is not waited for much longer than --timeout`() async throws {
        try await FakeAgent.listening { connection in
            while try await connection.line() != nil {}
        } _: { path in
            let ping = try await Ctl.run(["ping", "--timeout", "0.001"], socket: path)
            #expect(ping.status == 6 && ping.error.contains("deadline"), "\(ping.error)")
        }
    }

    @Test(arguments: [("healthy", 0, 0), ("degraded", 10, 0), ("unhealthy", 7, 7), ("never heard of", 7, 7)])
    func `health exits with 0 only when the agent is healthy`(
        level: String,
        status: Int32,
        accepting: Int32
    ) async throws {
        try await FakeAgent.answering { _ in
            Canned.health(level)
        } _: { path in
            let strict = try await Ctl.run(["health"], socket: path)
            let lenient = try await Ctl.run(["health", "--accept-degraded"], socket: path)
            #expect(strict.status == status && lenient.status == accepting)
        }
    }

    @Test(arguments: [
        (#"{"client":"a","refreshed":true,"expires_in_s":3600}"#, 0),
        (#"{"client":"a","refreshed":false,"error":{"kind":"credential_rejected","message":"no","age_s":0}}"#, 7),
        (#"{"client":"a","refreshed":false,"error":{"kind":"upstream_rate_limited","message":"slow","age_s":0}}"#, 5),
    ])
    func `refresh-token fails when a client got no token`(client: String, status: Int32) async throws {
        try await FakeAgent.answering { _ in
            #""result":{"clients":[\#(client)]}"#
        } _: { path in
            let outcome = try await Ctl.run(["refresh-token", "a"], socket: path)
            #expect(outcome.status == status)
        }
    }

    @Test(arguments: [(true, 0), (false, 8)])
    func `reload fails when the configuration is refused`(reloaded: Bool, status: Int32) async throws {
        try await FakeAgent.answering { _ in
            #""result":{"reloaded":\#(reloaded),"problems":[{"file":"/f","line":3,"message":"/f:3: is odd"}],"clients":[],"restart_needed":[]}"#
        } _: { path in
            let outcome = try await Ctl.run(["reload"], socket: path)
            #expect(outcome.status == status)
            #expect(outcome.output.contains("/f:3: is odd"))
            #expect(outcome.error.contains("the old one stays") == !reloaded)
        }
    }

    @Test(arguments: [
        [], ["nonsense"], ["ping", "--nonsense"], ["ping", "extra"], ["login"], ["login", ""],
        ["login", "a", "--type", "shoe"], ["login", "a", "--password-stdin", "--password-file", "x"],
        ["ping", "--timeout", "0"], ["ping", "--timeout", "600.001"], ["ping", "--timeout", "1e3"],
        ["ping", "--timeout", "-1"], ["policy"], ["policy", "explain", "x"],
        ["policy", "explain", "--uid", "1", "--user", "root", "x"], ["policy", "explain", "--uid", "-1", "x"],
        ["policy", "explain", "--user", "no such user", "x"],
        ["policy", "explain", "--user-unit", "a.service", "x"], ["policy", "explain", "--unit", "a.scope", "x"],
        ["policy", "explain", "--unit", "a.service", "--uid", "1", "--user", "root", "x"],
        ["discover", "--markdown", "--json"], ["discover", "--markdown", "--offline"],
        ["policy", "explain", "--uid", "1", "otp.send", "[]"], ["policy", "explain", "--uid", "1", "otp.send", "{"],
        ["policy", "explain", "--uid", "1", "--target", "a", "otp.send", "{}"],
        ["policy", "explain", "--uid", "1", "--field-right", "otp-direct", "otp.send", "{}"],
        ["policy", "explain", "--uid", "1", "password.authenticate", #"{"password":"p"}"#],
        ["login", "a", "--password-stdin", "--trace-id", String(repeating: "t", count: 65)],
        ["login", "a", "--password-file", "/nonexistent"], ["login", "a"], ["login", "a", "--password-stdin"],
        ["call", "system.ping", "[]"], ["call", "system.ping", "{"], ["call", "system.ping", "-"],
    ])
    func `a wrong command line exits with 64 and says why`(arguments: [String]) async throws {
        let outcome = try await Ctl.run(arguments, socket: "/nonexistent/agent.sock")
        #expect(outcome.status == 64, "\(arguments): \(outcome.error)")
        #expect(!outcome.error.isEmpty && outcome.output.isEmpty)
    }

    @Test(arguments: [
        ["--help"], ["--version"], ["help", "login"], ["login", "--help"], ["discover", "--markdown"],
        ["discover", "--offline"],
    ])
    func `what needs no agent exits with 0, and with 70 when its output cannot be written`(
        arguments: [String]
    ) async throws {
        let outcome = try await Ctl.run(arguments, socket: "/nonexistent/agent.sock")
        #expect(outcome.status == 0 && !outcome.output.isEmpty && outcome.error.isEmpty)
        let full = try await Ctl.run(arguments, socket: "/nonexistent/agent.sock", output: .file("/dev/full"))
        #expect(full.status == 70 && full.error.contains("No space left"), "\(full.error)")
    }

    @Test func `a full device is a failure, but does not hide that a login was denied`() async throws {
        try await FakeAgent.answering {
            $0["method"]?.string == "system.ping" ? #""result":{}"# : Canned.denied
        } _: { path in
            for output in [Ctl.Output.file("/dev/full")] {
                let ping = try await Ctl.run(["ping"], socket: path, output: output)
                #expect(ping.status == 70 && ping.error.contains("cannot write to standard output"))
                let json = try await Ctl.run(["ping", "--json"], socket: path, output: output)
                #expect(json.status == 70)
                let login = try await Ctl.run(
                    ["login", "alice", "--password-stdin"],
                    socket: path,
                    input: "pw",
                    output: output
                )
                #expect(login.status == 1 && login.error.contains("cannot write to standard output"))
            }
        }
    }
}
