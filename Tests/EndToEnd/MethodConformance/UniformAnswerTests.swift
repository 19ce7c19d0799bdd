import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Known and unknown users get the same answers from every method that must not tell who exists: byte for byte, ids and
    /// random `request_id`s aside, and at the same instants.
    @Suite struct UniformAnswers {
        /// Calls of one method that must be answered alike.
        struct Group {
            let method: String
            /// The answer of each, with `ID` and `UUID` where those stand.
            let answer: String
            /// The parameters, by whom they are about.
            var calls: [(who: String, params: JSONTree)]

            init(_ method: String, _ answer: String, _ calls: [(String, JSONTree)]) {
                self.method = method
                self.answer = #"{"jsonrpc":"2.0","id":ID,"result":\#(answer)}"#
                self.calls = calls.map { (who: $0.0, params: $0.1) }
            }
        }

        /// The distance of the points of the release grid.
        static let grid = Duration.milliseconds(200)

        @Test func `known and unknown users get byte-identical answers, on the release grid`() async throws {
            try await Self.with { call in
                let groups = try await Self.passwords(call) + Self.codes(call) + Self.links(call) + Self.resets(call)
                #expect(
                    Set(groups.map(\.method)) == Set(MethodSpec.main.filter(\.isUniform).map(\.name)),
                    "every uniform method is here"
                )
                for group in groups { try Self.compare(group, on: call.stage.world.agent.socket) }
            }
        }

        @Test func `an answer that comes late waits for a later point of the grid`() async throws {
            try await Self.with { call in
                let user = try await call.user()
                let login: JSONTree = ["username": .string(user.username), "password": .string(call.wrong())]
                // The decision comes behind the first point, so the answer leaves at the second or later.
                try await call.sandbox.fail("E17", ["action": "latency", "latency_ms": 250, "count": 1])
                let (answer, elapsed) = try Self.timed(
                    "password.authenticate",
                    login,
                    on: call.stage.world.agent.socket
                )
                #expect(answer["result"]?["verdict"] == "denied")
                #expect(elapsed >= Self.grid * 2)
            }
        }

        @Test func `a deadline before the grid does not tell whether Mosaic has answered`() async throws {
            // Long enough for the answers to be there, however slow the machine is, and held.
            try await Self.with(grid: "4s") { call in
                _ = try call.stage.world.agent.askControl("daemon.refresh_token")
                let connection = try LineSocket(call.stage.world.agent.socket)
                for (id, user) in [try await call.user(), call.stranger()].enumerated() {
                    let login: JSONTree = [
                        "username": .string(user.username), "password": .string(call.wrong()),
                        "meta": ["deadline_ms": 2000],
                    ]
                    try connection.sendLine(try Self.line("password.authenticate", login, id: id))
                }
                let expected = ExpectedError("deadline_exceeded", outcome: "unknown")
                for _ in 0..<2 {
                    let answer = try connection.readAnswer()
                    #expect(expected.problems(answer, details: false).isEmpty, "\(answer)")
                }
                #expect(try await call.sandbox.count("E17") == 2)
            }
        }

        /// A sandbox, and an agent whose grid is the one under test and whose caller may know nothing.
        private static func with(grid: String = "200ms", _ body: (ConformanceCall) async throws -> Void) async throws {
            var options = AgentOptions()
            options.daemon = ["ReleaseGrid=\(grid)", "ReleaseJitter=0"]
            options.access = "[Access tests]\nMatch=uid:\(getuid())\nClients=default\nAllow=login reset"
            try await TestBed.with(users: "[]", agent: options) { world in
                try await body(ConformanceCall(ConformanceBed(world), "default"))
            }
        }

        /// Asks all calls of the group at once and compares the lines.
        private static func compare(_ group: Group, on socket: String) throws {
            let connection = try LineSocket(socket)
            let start = ContinuousClock.now
            for (index, call) in group.calls.enumerated() {
                try connection.sendLine(line(group.method, call.params, id: index))
            }
            for _ in group.calls {
                guard let line = try connection.readLine() else { throw HarnessFailure("the agent closed") }
                let elapsed = ContinuousClock.now - start
                let id = try #require(try JSONTree(line)["id"]?.integer)
                let who = group.calls[id].who
                let plain = line.replacing("\"id\":\(id),", with: "\"id\":ID,", maxReplacements: 1)
                    .replacing(#/"request_id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/#) {
                        _ in
                        #""request_id":"UUID""#
                    }
                #expect(plain == group.answer, "\(group.method): \(who)")
                // The agent's clock for the call began after ours, so this holds however slow the machine is.
                #expect(elapsed >= grid, "\(group.method): \(who)")
            }
        }

        private static func timed(
            _ method: String,
            _ params: JSONTree,
            on socket: String
        ) throws -> (JSONTree, Duration) {
            let connection = try LineSocket(socket)
            let start = ContinuousClock.now
            let answer = try connection.ask(try line(method, params, id: 1))
            return (answer, ContinuousClock.now - start)
        }

        private static func line(_ method: String, _ params: JSONTree, id: Int) throws -> String {
            #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(try params.text)}"#
        }
    }
}

// MARK: - The groups

extension EndToEnd.UniformAnswers {
    private static let denied = #"{"verdict":"denied"}"#
    private static let accepted = #"{"verdict":"accepted"}"#

    /// Users who must look alike.
    private static func everybody(_ call: ConformanceCall) async throws -> [(who: String, user: ConformanceCall.User)] {
        [
            ("known", try await call.user()), ("unknown", call.stranger()),
            ("inactive", try await call.user { $0.status = "Disabled" }),
            ("with unverified addresses", try await call.user { $0.isVerified = false }),
            ("without a password", try await call.user { $0.isTemporary = nil }),
        ]
    }

    /// A user whom `spend` locks out.
    private static func locked(
        _ call: ConformanceCall,
        _ method: String,
        _ params: (ConformanceCall.User) -> JSONTree
    ) async throws
        -> JSONTree
    {
        let user = try await call.user()
        let guess = params(user)
        // All at once: each answer waits for the grid.
        let connection = try LineSocket(call.stage.world.agent.socket)
        for id in 0..<5 {
            try connection.sendLine(
                #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(try guess.text)}"#
            )
        }
        for _ in 0..<5 { _ = try connection.readAnswer() }
        return guess
    }

    private static func passwords(_ call: ConformanceCall) async throws -> [Group] {
        let users = try await everybody(call)
        let methods: [(String, (ConformanceCall.User, String) -> JSONTree)] = [
            (
                "password.authenticate",
                { ["username": .string($0.email), "username_type": "email", "password": .string($1)] }
            ),
            (
                "password.login",
                {
                    [
                        "email": .string($0.email), "password": .string($1),
                        "redirect_uri": .string(ConformanceCall.redirectURI),
                    ]
                }
            ),
            ("reset.verify_password", { ["email": .string($0.email), "password": .string($1)] }),
        ]
        var groups: [Group] = []
        for (method, params) in methods {
            var calls = users.map { ($0.who, params($0.user, "falsches-passwort")) }
            // The right password does not help whoever is disabled or locked.
            for (who, user) in users where who == "inactive" {
                calls.append(("inactive, right", params(user, user.password)))
            }
            let guess = try await locked(call, method) { params($0, "falsches-passwort") }
            calls.append(("locked", guess))
            groups.append(Group(method, denied, calls))
        }
        return groups
    }

    private static func codes(_ call: ConformanceCall) async throws -> [Group] {
        let users = try await everybody(call)
        let bound: JSONTree = ["generate_request_id": true, "approval_data": ["order": "4711"]]
        let answer = #"{"verdict":"accepted","request_id":"UUID","approval_data":{"order":"4711"}}"#
        func send(_ type: String, _ name: String, _ channel: String) -> JSONTree {
            ["identifier_type": .string(type), "identifier": .string(name), "channel": .string(channel)]
        }
        let bare = try await call.user {
            $0.hasEmail = false
            $0.hasPhoneNumber = false
        }
        func check(_ user: ConformanceCall.User) -> JSONTree {
            ["identifier_type": "email", "identifier": .string(user.email), "passcode": "falscher-code"]
        }
        let waiting = try await call.user()
        return [
            Group(
                "otp.send",
                answer,
                users.map { ($0.who, send("email", $0.user.email, "email").with(bound.object ?? [:])) }
                    + [("without a mailbox", send("username", bare.username, "email").with(bound.object ?? [:]))]
            ),
            Group(
                "otp.send",
                accepted,
                users.map { ($0.who, send("username", $0.user.username, "sms")) }
                    + [
                        ("without a phone", send("username", bare.username, "sms")),
                        ("waiting", send("email", waiting.email, "email")),
                    ]
            ),
            Group(
                "otp.authenticate",
                denied,
                users.map { ($0.who, check($0.user)) }
                    + [
                        ("waiting", check(waiting)), ("without a mailbox", check(bare)),
                        ("locked", try await locked(call, "otp.authenticate", check)),
                    ]
            ),
        ]
    }

    private static func links(_ call: ConformanceCall) async throws -> [Group] {
        let users = try await everybody(call)
        func send(_ type: String, _ name: String) -> JSONTree {
            [
                "identifier_type": .string(type), "identifier": .string(name),
                "redirect_uri": .string(ConformanceCall.redirectURI),
            ]
        }
        let bare = try await call.user { $0.hasEmail = false }
        let outside = try await call.user()
        try await call.sandbox.send("POST", "users/\(outside.id)/detach")
        let gone = try await call.user()
        try call.result("link.send", send("email", gone.email))
        let code = try await call.code(to: gone.email, kind: "magic_link")
        try await call.disable(gone)
        var calls = users.map { ($0.who, send("email", $0.user.email)) }
        calls += [("without a mailbox", send("username", bare.username)), ("outside", send("email", outside.email))]
        return [
            Group("link.send", accepted, calls),
            Group(
                "link.send",
                #"{"verdict":"accepted","request_id":"UUID"}"#,
                calls.map { ($0.0, $0.1.with(["generate_request_id": true])) }
            ),
            Group(
                "link.authenticate",
                denied,
                [("nobody's", ["code": .string(call.wrong())]), ("a disabled user's", ["code": .string(code)])]
            ),
        ]
    }

    private static func resets(_ call: ConformanceCall) async throws -> [Group] {
        let users = try await everybody(call)
        let forged: JSONTree = ["prev_reset_token": .string(call.wrong())]
        func alike(_ method: String, _ params: (ConformanceCall.User) -> JSONTree) -> Group {
            Group(
                method,
                accepted,
                users.map { ($0.who, params($0.user)) }
                    // Who exists must not be told by what becomes of a token of the caller's own making.
                    + users.map { ("\($0.who), with a forged token", params($0.user).with(forged.object ?? [:])) }
            )
        }
        func mail(_ user: ConformanceCall.User) -> JSONTree { ["email": .string(user.email)] }
        func text(_ user: ConformanceCall.User) -> JSONTree { ["phone_number": .string(user.phoneNumber)] }
        let wrong: [String: JSONTree] = ["passcode": "falscher-code"]
        let sends = [
            alike("reset.send_email_link") { mail($0).with(["redirect_uri": .string(ConformanceCall.redirectURI)]) },
            alike("reset.send_email_otp", mail), alike("reset.send_sms_otp", text),
        ]
        // The known user has a code waiting by now, the others have none.
        let checks = [
            Group(
                "reset.verify_email_otp",
                denied,
                users.map { ($0.who, mail($0.user).with(wrong)) }
                    + [("locked", try await locked(call, "reset.verify_email_otp") { mail($0).with(wrong) })]
            ),
            Group(
                "reset.verify_sms_otp",
                denied,
                users.map { ($0.who, text($0.user).with(wrong)) }
                    + [("locked", try await locked(call, "reset.verify_sms_otp") { text($0).with(wrong) })]
            ),
        ]
        return sends + checks
    }
}
