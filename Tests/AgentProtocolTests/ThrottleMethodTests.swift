import StrictJSON
import Testing

@testable import AgentProtocol

/// `throttle.list` and `throttle.clear`.
@Suite struct ThrottleMethodTests {
    private static let digits = "18962e5e775744f39c214a47936fe87b"

    private static func subjects() throws -> [ThrottleSubject] {
        [
            .user(Target(kind: .email, identifier: "ada@example.com")),
            .user(Target(kind: IdentifierKind("badge number"), identifier: "\u{0}é")),
            .target(try #require(TargetHash(digits))), .caller(0), .caller(.max),
        ]
    }

    @Test func `parameters come back as they were sent`() throws {
        for subject in try Self.subjects() {
            try RoundTripTests().roundTrip(ThrottleList.self, ThrottleList.Parameters(subject))
            try RoundTripTests().roundTrip(ThrottleList.self, ThrottleList.Parameters(subject, limit: 1))
            try RoundTripTests().roundTrip(ThrottleClear.self, ThrottleClear.Parameters(.only(subject)))
        }
        try RoundTripTests().roundTrip(ThrottleList.self, ThrottleList.Parameters())
        try RoundTripTests().roundTrip(ThrottleList.self, ThrottleList.Parameters(limit: 1000))
        try RoundTripTests().roundTrip(ThrottleClear.self, ThrottleClear.Parameters(.everything))
    }

    @Test func `results come back as they were sent, and fit their schemas`() throws {
        let hash = try #require(TargetHash(Self.digits))
        var totals = ThrottleList.Totals()
        totals.attempts = 2
        totals.sends = 1
        var limits = ThrottleList.Limits()
        limits.attemptBudget = 4
        limits.sendIntervalMilliseconds = 30_000
        var result = ThrottleList.Result(
            limits: limits,
            attempts: [
                .init(
                    target: hash,
                    clients: ["default", "b2b"],
                    failures: 4,
                    inFlight: 1,
                    exhausted: true,
                    retryAfterMilliseconds: 899_000,
                    callers: [
                        .init(uid: 33, address: "2001:db8:1:2::/64", failures: 3), .init(uid: .max, failures: 1),
                    ],
                    callersTotal: 3
                ),
                .init(target: hash, clients: [], failures: 0, inFlight: 1),
            ],
            sends: [
                .init(target: hash, clients: ["default"], uid: 33, address: "198.51.100.7", count: 1),
                .init(target: hash, clients: ["default"], uid: 0, count: 5, retryAfterMilliseconds: 1),
            ],
            callers: [.init(uid: 33, used: 1), .init(uid: 0, used: 3600, retryAfterMilliseconds: 1000)],
            totals: totals,
            evicted: 7
        )
        try RoundTripTests().roundTrip(ThrottleList.self, result: result)
        #expect(!result.isCut)
        result.totals.callers = 3
        #expect(result.isCut)
        try RoundTripTests().roundTrip(ThrottleList.self, result: .init(limits: ThrottleList.Limits()))
        var cleared = ThrottleClear.Result()
        cleared.failures = 4
        cleared.callers = 1
        try RoundTripTests().roundTrip(ThrottleClear.self, result: cleared)
        var status = Fixtures.status
        var throttle = DaemonStatus.ThrottleStatus()
        throttle.exhaustedTargets = 1
        throttle.evicted = 2
        status.throttle = throttle
        try RoundTripTests().roundTrip(DaemonStatus.self, result: status)
    }

    struct Wrong: Sendable {
        var method: String
        var params: String
        var path: String?
        var text: String
    }

    @Test(arguments: [
        Wrong(method: "list", params: #"{"kind":"email"}"#, path: "value", text: "value is missing"),
        Wrong(method: "list", params: #"{"value":"alice"}"#, path: "kind", text: "kind is missing"),
        Wrong(
            method: "list",
            params: #"{"kind":"email","value":""}"#,
            path: "value",
            text: "value must have 1 to 1024 bytes"
        ),
        Wrong(method: "list", params: #"{"target":"18962e"}"#, path: "target", text: "target must have 32 to 32 bytes"),
        Wrong(
            method: "list",
            params: #"{"target":"18962e5e775744f39c214a47936fe87g"}"#,
            path: "target",
            text: "target must have only hexadecimal digits"
        ),
        Wrong(
            method: "list",
            params: #"{"uid":4294967296}"#,
            path: "uid",
            text: "uid must be within 0 to 4294967295"
        ),
        Wrong(
            method: "list",
            params: #"{"uid":"root"}"#,
            path: "uid",
            text: "uid must be an integer written without fraction and exponent"
        ),
        Wrong(method: "list", params: #"{"limit":0}"#, path: "limit", text: "limit must be within 1 to 1000"),
        Wrong(method: "list", params: #"{"limit":1001}"#, path: "limit", text: "limit must be within 1 to 1000"),
        Wrong(
            method: "list",
            params: #"{"all":true}"#,
            path: "all",
            text: "unknown parameter all; allowed: kind, value, target, uid, limit, meta"
        ),
        Wrong(
            method: "list",
            params: #"{"uid":1,"kind":"email","value":"a"}"#,
            path: "uid",
            text: "uid can only be used without value"
        ),
        Wrong(
            method: "list",
            params: #"{"uid":1,"target":"18962e5e775744f39c214a47936fe87b"}"#,
            path: "uid",
            text: "uid can only be used without target"
        ),
        Wrong(
            method: "clear",
            params: "{}",
            path: nil,
            text: "exactly one of value, target, uid, all must be given"
        ),
        Wrong(
            method: "clear",
            params: #"{"limit":1}"#,
            path: "limit",
            text: "unknown parameter limit; allowed: kind, value, target, uid, all, meta"
        ),
        Wrong(method: "clear", params: #"{"all":false}"#, path: "all", text: "all must be true, or not be there"),
        Wrong(
            method: "clear",
            params: #"{"all":false,"uid":1}"#,
            path: "all",
            text: "all must be true, or not be there"
        ),
        Wrong(method: "clear", params: #"{"all":"yes"}"#, path: "all", text: "all must be true or false"),
        Wrong(
            method: "clear",
            params: #"{"all":true,"uid":1}"#,
            path: "all",
            text: "all can only be used without uid"
        ),
    ])
    func `whom it is about is said once and in full`(wrong: Wrong) throws {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"throttle.\#(wrong.method)","params":\#(wrong.params)}"#
        guard case .request(let request) = IncomingLine(parsing: Array(line.utf8)) else { throw Unexpected() }
        let error = #expect(throws: ProtocolError.self) {
            if wrong.method == "list" {
                _ = try ThrottleList.parameters(of: request)
            } else {
                _ = try ThrottleClear.parameters(of: request)
            }
        }
        #expect(error?.kind == .invalidParams && error?.parameter == wrong.path && error?.message == wrong.text)
    }

    @Test func `a hash is read in either case and written in one`() {
        #expect(TargetHash(Self.digits.uppercased())?.description == Self.digits)
        for text in [
            "", "18962e", Self.digits + "0", String(Self.digits.dropLast()) + "g", "é" + Self.digits.dropLast(2),
        ] {
            #expect(TargetHash(text) == nil, "\(text)")
        }
    }

    @Test func `the user who is forgotten stands in the audit record, the one who is looked for does not`() throws {
        let params = try JSONDocument(parsing: Array(#"{"kind":"email","value":"a"}"#.utf8), maximumDepth: 2).root
        let target = Target(kind: .email, identifier: "a")
        #expect(try ThrottleClear.descriptor.target?.target(in: params) == target)
        #expect(ThrottleList.descriptor.target == nil)
    }
}
