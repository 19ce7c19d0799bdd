import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What the agent answers alone: the methods of both sockets that describe it, and those of the administrator.
    @Suite struct LocalConformance {
        /// What both sockets have.
        private static let shared: Set = ["system.hello", "system.ping", "rpc.discover"]

        @Test func `each socket lists exactly the methods of the design`() async throws {
            try await TestBed.with { world in
                let main = try world.agent.ask("rpc.discover", "{}")
                #expect(Self.names(main) == Set(MethodSpec.main.map(\.name)))
                let control = try world.agent.askControl("rpc.discover")
                #expect(Self.names(control) == MethodSpec.control)
                for answer in [main, control] {
                    #expect(answer["result"]?["openrpc"]?.string?.isEmpty == false)
                    #expect(answer["result"]?["info"]?["title"]?.string?.isEmpty == false)
                }
                // Nothing of one socket can be called on the other.
                for method in MethodSpec.control.subtracting(Self.shared) {
                    #expect(try world.agent.ask(method, "{}")["error"]?["code"] == -32601, "\(method)")
                }
                for method in MethodSpec.main where !Self.shared.contains(method.name) {
                    #expect(try world.agent.askControl(method.name)["error"]?["code"] == -32601, "\(method.name)")
                }
            }
        }

        @Test func `the methods without a right answer everybody, and take no parameters`() async throws {
            // A rule for somebody else: this caller has none.
            let access = "[Access others]\nMatch=uid:64999\nClients=default\nAllow=login"
            try await TestBed.with(agent: AgentOptions(access: access)) { world in
                for ask in [{ try world.agent.ask($0, $1) }, { try world.agent.askControl($0, $1) }] as [Ask] {
                    expect(try ask("system.ping", "{}"), toBe: .result([:]))
                    expect(try ask("system.hello", "{}"), toBe: .result(Self.hello))
                    for method in ["system.ping", "system.hello", "rpc.discover"] {
                        expect(try ask(method, #"{"nonsense":1}"#), toBe: Self.nonsense)
                    }
                }
                // Without a rule nothing else is to be had.
                for method in MethodSpec.main where method.effect != .local {
                    #expect(try world.agent.ask(method.name, "{}")["error"]?["code"] == 1001, "\(method.name)")
                }
            }
        }

        @Test func `the administrator sees status, health, tokens and policy`() async throws {
            try await TestBed.with { world in
                let ask: Ask = { try world.agent.askControl($0, $1) }
                // Until the first token is there, health is degraded.
                _ = try ask("daemon.refresh_token", "{}")
                expect(try ask("daemon.status", "{}"), toBe: .result(Self.status))
                expect(
                    try ask("daemon.health", "{}"),
                    toBe: .result([
                        "status": .equal("healthy"),
                        "checks": .listOf(.members(["name": .text, "status": .equal("healthy"), "message": .text])),
                    ])
                )
                expect(try ask("policy.explain", Self.question), toBe: .result(Self.explanation))
                expect(
                    try ask("policy.explain", #"{"uid":1,"method":"nosuch.method"}"#),
                    toBe: .local("invalid_params", parameter: "method")
                )
                for method in MethodSpec.control.subtracting(Self.shared) {
                    let params = (Self.needed[method] ?? "{}").replacing("{", with: #"{"nonsense":1,"#)
                        .replacing(",}", with: "}")
                    expect(try ask(method, params), toBe: Self.nonsense)
                }
            }
        }

        @Test func `the audit trail names a user as daemon.target_hash says`() async throws {
            try await TestBed.with { world in
                _ = try world.agent.authenticate("alice", "a guess")
                let ask: Ask = { try world.agent.askControl($0, $1) }
                let answer = try ask("daemon.target_hash", #"{"kind":"username","value":"alice"}"#)
                expect(
                    answer,
                    toBe: .result(["target": .text, "form": .equal("hashed"), "key": .equal("generated")])
                )
                let hash = try #require(answer["result"]?["target"]?.string)
                let ctl = try await world.agent.ctl("target-hash", "alice")
                #expect(ctl.output == hash + "\n" && ctl.status == 0, "\(ctl.error)")
                let byAddress = try await world.agent.ctl("--json", "target-hash", "--type", "email", "alice")
                #expect(try JSONTree(byAddress.output)["result"]?["target"] != answer["result"]?["target"])
                try await waitUntil("the login is in the audit trail") {
                    world.agent.process.error.split(separator: "\n").contains {
                        $0.contains("password.authenticate") && $0.contains(hash)
                    }
                }
                for (params, parameter) in [
                    ("{}", "kind"), (#"{"kind":"email"}"#, "value"), (#"{"value":"alice"}"#, "kind"),
                    (#"{"kind":"email","value":""}"#, "value"), (#"{"kind":1,"value":"alice"}"#, "kind"),
                ] {
                    expect(try ask("daemon.target_hash", params), toBe: .local("invalid_params", parameter: parameter))
                }
            }
        }

        @Test func `targets that are not hashed are told as they are`() async throws {
            try await TestBed.with(agent: AgentOptions(daemon: ["AuditTargets=plain"])) { world in
                expect(
                    try world.agent.askControl("daemon.target_hash", #"{"kind":"email","value":"alice@example.com"}"#),
                    toBe: .result(["target": .equal("email:alice@example.com"), "form": .equal("plain")])
                )
            }
        }

        @Test func `a token is fetched on demand, and why not is told`() async throws {
            try await TestBed.with { world in
                let ask: Ask = { try world.agent.askControl($0, $1) }
                let refreshed: Shape = .members([
                    "client": .equal("default"), "refreshed": .equal(true), "expires_in_s": .count,
                ])
                expect(try ask("daemon.refresh_token", "{}"), toBe: .result(["clients": .listOf(refreshed)]))
                expect(
                    try ask("daemon.refresh_token", #"{"client":"nosuch"}"#),
                    toBe: .local("invalid_params", parameter: "client")
                )
                let sandbox = try SandboxControl(world.sandbox)
                for (fault, kind) in [
                    (["action": "status", "status": 503] as JSONTree, "upstream_unavailable"),
                    (
                        ["action": "status", "status": 401, "shape": "F", "code": "invalid_client"],
                        "credential_rejected"
                    ),
                ] {
                    try await sandbox.fail("E1", fault)
                    let failed: Shape = .members([
                        "client": .equal("default"), "refreshed": .equal(false),
                        "error": .members(["kind": .equal(.string(kind)), "message": .text, "age_s": .count]),
                    ])
                    expect(
                        try ask("daemon.refresh_token", #"{"client":"default"}"#),
                        toBe: .result(["clients": .listOf(failed)])
                    )
                    try await sandbox.clearFaults()
                }
                expect(
                    try ask("daemon.refresh_token", #"{"client":"default"}"#),
                    toBe: .result(["clients": .listOf(refreshed)])
                )
            }
        }

        @Test func `a configuration is read again, and a wrong one refused with the reasons`() async throws {
            try await TestBed.with { world in
                let ask: Ask = { try world.agent.askControl($0, $1) }
                let path = world.agent.configuration
                let good = try String(contentsOfFile: path, encoding: .utf8)
                expect(
                    try ask("daemon.reload", "{}"),
                    toBe: .result([
                        "reloaded": .equal(true), "problems": .list, "clients": .listOf(.object),
                        "restart_needed": .equal([]),
                    ])
                )
                _ = try world.scratch.write("agent.conf", good + "\n[Client other]\nNonsense=yes\n")
                expect(
                    try ask("daemon.reload", "{}"),
                    toBe: .result([
                        "reloaded": .equal(false), "problems": .listOf(.including(["message": .text])),
                        "clients": .list, "restart_needed": .list,
                    ])
                )
                #expect(try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"] == "granted")
            }
        }

        private typealias Ask = (String, String) throws -> JSONTree

        private static func names(_ answer: JSONTree) -> Set<String> {
            Set((answer["result"]?["methods"]?.array ?? []).compactMap { $0["name"]?.string })
        }

        private func expect(
            _ answer: JSONTree,
            toBe expected: Expected,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let problems = expected.problems(answer, details: true)
            #expect(problems.isEmpty, "\(answer)", sourceLocation: sourceLocation)
        }
    }
}

extension EndToEnd.LocalConformance {
    private static let nonsense: Expected = {
        var error = ExpectedError("invalid_params", outcome: "not_sent")
        error.parameter = "nonsense"
        return .error(error)
    }()

    private static let hello: [String: Shape] = [
        "protocol": .equal(1), "server": .members(["name": .equal("mosaicd"), "version": .text]), "limits": .object,
        "caller": .including(["uid": .equal(.number(Double(getuid()))), "gids": .list]), "rights": .list,
        "clients": .list, "emulated": .boolean,
    ]

    private static let status: [String: Shape] = [
        "version": .text, "pid": .count, "uptime_s": .count, "state": .equal("running"), "emulated": .equal(true),
        "sockets": .listOf(
            .members(["name": .text, "path": .text, "source": .text, "connections": .count])
        ),
        "load": .object,
        "clients": .listOf(
            .including([
                "name": .equal("default"), "client_id": .text, "host": .text, "authentication": .text,
                "emulated": .equal(true), "token": .including(["state": .text]),
            ])
        ),
        "audit": .including(["sink": .text, "when_full": .text, "queued": .count, "capacity": .count]),
        "counters": .object, "configuration": .object, "caller_units": .optional(.object),
        "throttle": .including(["exhausted_targets": .count, "failures": .count, "failures_capacity": .count]),
    ]

    /// What methods need at least.
    private static let needed = [
        "policy.explain": #"{"uid":1,"method":"otp.send"}"#,
        "daemon.target_hash": #"{"kind":"username","value":"alice"}"#, "throttle.clear": #"{"uid":64999}"#,
    ]

    private static let question =
        #"{"uid":\#(getuid()),"method":"otp.send","client":"default","field_rights":["otp-direct"]}"#

    private static let explanation: [String: Shape] = [
        "allowed": .equal(false), "reason": .text, "details": .equal(false), "trust_client_ip": .equal(false),
        "rules": .listOf(
            .members([
                "rule": .equal("tests"), "matches": .equal(true), "allows": .equal(false), "reason": .text,
            ])
        ),
    ]
}
