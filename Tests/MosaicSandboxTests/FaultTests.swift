import Foundation
import HTTPTypes
import HummingbirdTesting
import MosaicSandbox
import Synchronization
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Faults` {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fault: [String: JSONValue]
        var status: Int
        /// Substrings of the body.
        var body: [String] = []
        var bearerChallenge = false
        var retryAfter: String?
    }

    @Test(arguments: [
        Case(
            testDescription: "plain",
            fault: ["action": "status"],
            status: 500,
            body: ["\"error_code\":500", "\"message\":"]
        ),
        Case(
            testDescription: "429",
            fault: ["action": "status", "status": 429, "retry_after": 7],
            status: 429,
            retryAfter: "7"
        ),
        Case(
            testDescription: "A",
            fault: ["action": "status", "status": 400, "shape": "A"],
            status: 400,
            body: ["\"message\":["]
        ),
        Case(
            testDescription: "C",
            fault: ["action": "status", "status": 400, "shape": "C"],
            status: 400,
            body: ["\"error_code\":\"400\""]
        ),
        Case(
            testDescription: "D",
            fault: ["action": "status", "status": 503, "shape": "D", "code": "system_service_unavailable"],
            status: 503,
            body: ["\"error_code\":\"system_service_unavailable\""]
        ),
        Case(
            testDescription: "E",
            fault: ["action": "status", "status": 409, "shape": "E"],
            status: 409,
            body: ["ts_error_code"]
        ),
        Case(
            testDescription: "F",
            fault: ["action": "status", "status": 401, "shape": "F", "code": "invalid_client"],
            status: 401,
            body: ["\"error\":\"invalid_client\""]
        ),
        Case(testDescription: "none", fault: ["action": "status", "status": 502, "shape": "none"], status: 502),
        Case(
            testDescription: "text, two challenges",
            fault: ["action": "status", "status": 401, "shape": "text", "challenges": ["Bearer", "Basic realm=x"]],
            status: 401,
            body: ["Fault on demand"],
            bearerChallenge: true
        ),
        Case(
            testDescription: "truncated",
            fault: ["action": "status", "status": 401, "shape": "truncated"],
            status: 401,
            body: ["trunc"]
        ),
        Case(
            testDescription: "deep",
            fault: ["action": "status", "status": 401, "shape": "deep"],
            status: 401,
            body: [String(repeating: "{\"a\":", count: 50_000)]
        ),
        Case(
            testDescription: "array",
            fault: ["action": "status", "status": 401, "shape": "array"],
            status: 401,
            body: ["[\"Fault on demand\"]"]
        ),
        Case(
            testDescription: "scalar",
            fault: ["action": "status", "status": 401, "shape": "scalar"],
            status: 401,
            body: ["401"]
        ),
        Case(
            testDescription: "a message without a code",
            fault: ["action": "status", "status": 400, "shape": "bare"],
            status: 400,
            body: ["{\"message\":\"Fault on demand\"}"]
        ),
        Case(
            testDescription: "a gateway's",
            fault: ["action": "status", "status": 400, "shape": "gateway"],
            status: 400,
            body: ["\"statusCode\":400"]
        ),
        Case(testDescription: "edge", fault: ["action": "edge"], status: 502, body: ["<html>"]),
        Case(
            testDescription: "bearer",
            fault: ["action": "unauthorized", "kind": "bearer"],
            status: 401,
            body: ["Invalid token"],
            bearerChallenge: true
        ),
        Case(
            testDescription: "symbolic",
            fault: ["action": "unauthorized", "kind": "symbolic"],
            status: 401,
            body: ["\"error_code\":\"auth_invalid_credentials\""]
        ),
        Case(
            testDescription: "bare",
            fault: ["action": "unauthorized", "kind": "bare"],
            status: 401,
            body: ["{\"message\":\"Unauthorized\"}"]
        ),
        Case(testDescription: "malformed", fault: ["action": "malformed"], status: 200, body: ["trunc"]),
        Case(
            testDescription: "latency",
            fault: ["action": "latency", "latency_ms": 1],
            status: 200,
            body: ["id_token"]
        ),
        Case(
            testDescription: "slow body",
            fault: ["action": "slow_body", "latency_ms": 8],
            status: 200,
            body: ["id_token"]
        ),
    ])
    func `a fault shows as asked for, once, and then is gone`(fault: Case) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            var body = fault.fault
            body["endpoints"] = ["E17"]
            body["count"] = 1
            let added = try await sandbox.control(.post, "faults", .object(body))
            #expect(added.status == 201)
            let answer = try await sandbox.login()
            #expect(answer.status == fault.status)
            for text in fault.body { #expect(answer.text.contains(text)) }
            if fault.body.isEmpty && fault.retryAfter == nil { #expect(answer.text.isEmpty) }
            #expect((answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true) == fault.bearerChallenge)
            #expect(answer.headers[.retryAfter] == fault.retryAfter)
            let next = try await sandbox.login()
            #expect(next.status == 200)
            #expect(next.json != .null)
            let entries = sandbox.sandbox.requests.snapshot().entries.filter { $0.endpoint == "E17" }
            #expect(entries.map(\.fault) == [added["fault"]?["id"]?.integer.map(Int.init), nil])
        }
    }

    @Test func `a fault after the fact lets the request take effect`() async throws {
        try await SandboxHarness.run { sandbox in
            _ = try await sandbox.control(
                .post,
                "faults",
                ["endpoints": ["users"], "action": "edge", "status": 504, "phase": "after", "count": 1]
            )
            #expect(try await sandbox.call(.post, "/cis/v1/users", ["username": "late"]).status == 504)
            #expect(try await sandbox.call(.post, "/cis/v1/users", ["username": "late"]).status == 409)
        }
    }

    @Test func `classes and the star select endpoints, counts run down, clearing ends`() async throws {
        try await SandboxHarness.run { sandbox in
            let token = try await sandbox.clientToken()
            let byClass = try await sandbox.control(
                .post,
                "faults",
                ["endpoints": ["token"], "action": "status", "count": 2]
            )
            #expect(byClass["fault"]?["count"] == 2)
            let fields = try await sandbox.credentials()
            #expect(try await sandbox.token(fields).status == 500)
            #expect(try await sandbox.send(.get, "/cis/oidc/jwks").status == 200)
            #expect(try await sandbox.control(.get, "faults")["faults"]?.elements?.first?["count"] == 1)
            #expect(try await sandbox.token(fields).status == 500)
            #expect(try await sandbox.token(fields).status == 200)
            let star = try await sandbox.control(
                .post,
                "faults",
                ["endpoints": ["*"], "action": "status", "status": 503]
            )
            #expect(try await sandbox.send(.get, "/cis/oidc/jwks").status == 503)
            #expect(try await sandbox.login("x", "y", token: token).status == 503)
            let id = star["fault"]?["id"]?.integer ?? 0
            #expect(try await sandbox.control(.delete, "faults/\(id)").status == 200)
            #expect(try await sandbox.control(.delete, "faults/\(id)").status == 404)
            #expect(try await sandbox.send(.get, "/cis/oidc/jwks").status == 200)
            _ = try await sandbox.control(.post, "faults", ["endpoints": ["*"], "action": "status"])
            #expect(try await sandbox.control(.delete, "faults")["cleared"] == 1)
            #expect(try await sandbox.send(.get, "/cis/oidc/jwks").status == 200)
        }
    }

    @Test(
        arguments: [
            [:], ["endpoints": ["E17"]], ["endpoints": [], "action": "reset"],
            ["endpoints": ["E99"], "action": "reset"],
            ["endpoints": ["E17"], "action": "explode"], ["endpoints": ["E17"], "action": "status", "status": 200],
            ["endpoints": ["E17"], "action": "unauthorized"], ["endpoints": ["E17"], "action": "latency"],
            ["endpoints": ["E17"], "action": "latency", "latency_ms": -1],
            ["endpoints": ["E17"], "action": "reset", "probability": 0],
            ["endpoints": ["E17"], "action": "reset", "probability": .number(1.01)],
            ["endpoints": ["E17"], "action": "reset", "count": 0],
            ["endpoints": ["E17"], "action": "reset", "colour": "red"], ["endpoints": "E17", "action": "reset"],
            ["endpoints": ["E17"], "action": "status", "retry_after": -1],
        ] as [JSONValue]
    )
    func `a fault that makes no sense is refused`(body: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.control(.post, "faults", body)
            #expect(answer.status == 400)
            #expect(sandbox.sandbox.faults.all.isEmpty)
        }
    }

    @Test func `a fault with a probability hits that share, and what it misses meets the next one`() {
        let draws = Mutex([0.5, 0.04, 0.05, 0.05, 0.0, 0.99, 0.01][...])
        let plan = FaultPlan(random: { draws.withLock { $0.removeFirst() } })
        var rare = Fault(endpoints: ["E17"], action: .reset)
        rare.probability = 0.05
        rare.count = 2
        var half = Fault(endpoints: ["*"], action: .malformed)
        half.probability = 0.05
        _ = plan.add(rare)
        _ = plan.add(half)
        #expect(plan.take(for: .authenticatePassword)?.action == .malformed, "0.5 misses, 0.04 hits")
        #expect(plan.take(for: .authenticatePassword) == nil, "0.05 and 0.05 miss")
        #expect(plan.take(for: .authenticatePassword)?.action == .reset, "0.0 hits")
        #expect(
            plan.take(for: .keys) == nil,
            "of faults that do not concern the endpoint nothing is drawn: 0.99 misses"
        )
        #expect(plan.take(for: .authenticatePassword)?.action == .reset, "0.01 hits, and uses up the count")
        #expect(plan.all.map(\.action) == [.malformed])
    }

    @Test func `a reset cuts the connection without an answer and is logged as 0`() async throws {
        try await SandboxHarness.run(.live) { sandbox in
            var fault = Fault(endpoints: ["E2"], action: .reset)
            fault.count = 1
            _ = sandbox.sandbox.faults.add(fault)
            await #expect(throws: (any Error).self) {
                try await sandbox.send(.get, "/cis/oidc/jwks")
            }
            #expect(sandbox.sandbox.requests.count(.keys, status: 0) == 1)
        }
    }
}
