import Foundation
import Testing

extension EndToEnd {
    /// Right passwords, codes and links while Mosaic, or something in front of it, answers as it should not.
    @Suite struct UndecidedAnswers {
        /// Where something is decided about a user, and a call there with what is right.
        private struct Right {
            let endpoint: String
            let method: String
            let params: String
        }

        private static func rights(in world: TestBed) async throws -> [Right] {
            #expect(try await world.agent.ctl("otp", "send", Ada.name, "--channel", "email").status == 0)
            let passcode = try await world.received("code", at: Ada.email)
            let sent = try await world.agent.ctl("link", "send", Ada.name, "--redirect-uri", redirectURI)
            #expect(sent.status == 0, "\(sent.output)\(sent.error)")
            let link = try await world.received("link", at: Ada.email)
            let code = try #require(try await world.follow(link)["code"])
            let password = #""password":"\#(Ada.password)""#
            return [
                Right(
                    endpoint: "E17",
                    method: "password.authenticate",
                    params: #"{"username":"\#(Ada.name)",\#(password)}"#
                ),
                Right(
                    endpoint: "E5",
                    method: "password.login",
                    params: #"{"email":"\#(Ada.email)",\#(password),"redirect_uri":"\#(redirectURI)"}"#
                ),
                Right(
                    endpoint: "E12",
                    method: "reset.verify_password",
                    params: #"{"email":"\#(Ada.email)",\#(password)}"#
                ),
                Right(
                    endpoint: "E21",
                    method: "otp.authenticate",
                    params: #"{"identifier_type":"email","identifier":"\#(Ada.email)","passcode":"\#(passcode)"}"#
                ),
                Right(endpoint: "E19", method: "link.authenticate", params: #"{"code":"\#(code)"}"#),
            ]
        }

        private static let redirectURI = "https://app.example/callback"

        private static func fault(_ status: Int, _ shape: String, _ challenges: [String] = []) -> JSONTree {
            let fault: JSONTree = ["action": "status", "status": .number(Double(status)), "shape": .string(shape)]
            return challenges.isEmpty ? fault : fault.with(["challenges": .array(challenges.map { .string($0) })])
        }

        /// Shapes of a 401 that the design defines as no decision; with a challenge for a bearer token any body is none.
        private static let unauthorized: [JSONTree] =
            ["none", "text", "truncated", "deep", "array", "scalar"].map { fault(401, $0) }
            + ["B", "none", "text", "bare"].flatMap { shape in
                [
                    fault(401, shape, ["Basic realm=\"proxy, Bearer\""]),
                    fault(401, shape, ["Bearer error=\"invalid_token\""]),
                    fault(401, shape, ["Negotiate, bearer realm=\"x\""]), fault(401, shape, ["Basic", "Bearer"]),
                ]
            } + [
                ["action": "edge", "status": 401], ["action": "unauthorized", "kind": "bearer"],
                fault(401, "D", ["Bearer"]).with(["code": "auth_brand_new"]),
            ]
        /// Other refusals that decide nothing.
        private static let others: [JSONTree] =
            ["none", "text", "truncated", "deep", "array", "scalar", "bare", "gateway"].map { fault(400, $0) }
            + ["none", "text", "B", "bare", "gateway"].map { fault(403, $0) } + [["action": "edge", "status": 403]]
        /// Shapes that the design defines as a decision, with a young token; nothing tells them from a wrong password.
        private static let decisions: [JSONTree] = [
            fault(401, "B"), fault(401, "C"), fault(401, "F"), fault(401, "bare"), fault(401, "gateway"),
            fault(401, "D").with(["code": "auth_brand_new"]),
            fault(401, "D", ["Bearer"]).with(["code": "auth_invalid_credentials"]),
            ["action": "unauthorized", "kind": "bare"], ["action": "unauthorized", "kind": "symbolic"],
            fault(400, "B"), fault(400, "C"), fault(403, "D").with(["code": "auth_invalid_credentials"]),
        ]

        @Test func `no right password, code or link is denied in a shape that is no decision, and all go on at once`()
            async throws
        {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                let control = try SandboxControl(world.sandbox)
                let rights = try await Self.rights(in: world)
                for (fault, isDecision) in (Self.unauthorized + Self.others).map({ ($0, false) })
                    + Self.decisions.map({ ($0, true) })
                {
                    let endpoints = rights.map { JSONTree.string($0.endpoint) }
                    try await control.send("POST", "faults", fault.with(["endpoints": .array(endpoints)]))
                    let connection = try LineSocket(world.agent.socket)
                    for (id, right) in rights.enumerated() {
                        for copy in 0..<(right.endpoint == "E17" ? 8 : 1) {
                            try connection.sendLine(
                                #"{"jsonrpc":"2.0","id":\#(id * 100 + copy),"method":"\#(right.method)","#
                                    + #""params":\#(right.params)}"#
                            )
                        }
                    }
                    for _ in 0..<(rights.count + 7) {
                        let answer = try connection.readAnswer()
                        let right = rights[(answer["id"]?.integer ?? 0) / 100]
                        let verdict = answer["result"]?["verdict"]?.string
                        #expect((verdict == "denied") == isDecision, "\(right.endpoint), \(fault): \(answer)")
                        #expect((answer["error"] == nil) == isDecision, "\(right.endpoint), \(fault): \(answer)")
                    }
                    try await control.clearFaults()
                    _ = try world.agent.askControl("throttle.clear", #"{"all":true}"#)
                    let login = try world.agent.authenticate(Ada.name, Ada.password)
                    #expect(login["result"]?["verdict"]?.string == "granted", "after \(fault): \(login)")
                }
            }
        }

        /// Things that befall a Mosaic under load, and go away again.
        private enum Trouble: CaseIterable {
            case stall, reset, rateLimit, failure, edge, malformed, revocation, restart
        }

        /// Sends logins, and reads their answers on one connection.
        private struct Load {
            let connection: LineSocket
            private(set) var sent = 0

            init(_ agent: AgentFixture) throws { connection = try LineSocket(agent.socket) }

            mutating func send(_ count: Int) throws {
                for _ in 0..<count {
                    sent += 1
                    try connection.sendLine(
                        #"{"jsonrpc":"2.0","id":\#(sent),"method":"password.authenticate","params":"#
                            + #"{"username":"alice","password":"\#(Passwords.alice)"}}"#
                    )
                }
            }

            /// Reads all answers.
            mutating func verdicts() throws -> [String] {
                defer { sent = 0 }
                return try (0..<sent).map { _ in
                    let answer = try connection.readAnswer()
                    return answer["result"]?["verdict"]?.string ?? answer["error"]?["data"]?["kind"]?.string ?? "?"
                }
            }
        }

        @Test func `no right password is denied while Mosaic is stalled, broken and restarted, and all is well after`()
            async throws
        {
            try await Scratch.with { scratch in
                let options = ["--hash-cost", "4", "--database", scratch["mosaic.sqlite"]]
                var sandbox = try await SandboxFixture.start(in: scratch, options: options)
                defer { sandbox.process.killNow() }
                let agent = try await AgentFixture.start(for: sandbox.description, in: scratch)
                defer { agent.process.killNow() }
                let control = try SandboxControl(sandbox)
                for trouble in Trouble.allCases {
                    var load = try Load(agent)
                    // Fourteen in all: sixteen answers that decide nothing would hold the caller up at the user.
                    try load.send(7)
                    switch trouble {
                    case .stall: kill(sandbox.process.identifier, SIGSTOP)
                    case .reset: try await control.fail("E17", ["action": "reset"])
                    case .rateLimit:
                        try await control.fail("E17", ["action": "status", "status": 429, "retry_after": 1])
                    case .failure: try await control.fail("*", ["action": "status", "status": 503])
                    case .edge: try await control.fail("*", ["action": "edge", "status": 401])
                    case .malformed: try await control.fail("*", ["action": "malformed"])
                    case .revocation: try await sandbox.control("revoke-tokens")
                    case .restart: _ = try await sandbox.process.terminate()
                    }
                    try load.send(7)
                    switch trouble {
                    case .stall: kill(sandbox.process.identifier, SIGCONT)
                    case .restart:
                        let port = try #require(URL(string: sandbox.description.base_url)?.port)
                        sandbox = try await SandboxFixture.start(
                            in: scratch,
                            users: "[]",
                            options: options + ["--port", "\(port)"]
                        )
                    case .revocation: break
                    default:
                        #expect(!(try load.verdicts()).contains("denied"), "\(trouble)")
                        try await control.clearFaults()
                    }
                    #expect(!(try load.verdicts()).contains("denied"), "\(trouble)")
                    // Two seconds, and more where the machine is busy: what would hold logins back does so for 20 s and more.
                    try await waitUntil("logins are well after \(trouble)", limit: .seconds(10)) {
                        try load.send(1)
                        let verdict = try load.verdicts()
                        #expect(verdict != ["denied"], "\(trouble)")
                        return verdict == ["granted"]
                    }
                }
            }
        }

        @Test func `two revocations within a minute cost two fetches and no failed login`() async throws {
            try await TestBed.with { world in
                func granted() throws -> Bool {
                    let answer = try world.agent.authenticate("alice", Passwords.alice)
                    return answer["result"]?["verdict"]?.string == "granted"
                }
                #expect(try granted())
                let before = try await world.sandbox.count("E1")
                for revocation in 1...2 {
                    try await world.sandbox.control("revoke-tokens")
                    for _ in 1...5 { #expect(try granted()) }
                    #expect(try await world.sandbox.count("E1") == before + revocation)
                }
            }
        }

        @Test func `health tells of answers that no login can have, and forgets them when logins are well again`()
            async throws
        {
            try await TestBed.with { world in
                let control = try SandboxControl(world.sandbox)
                for (fault, remedy) in [
                    (["action": "edge", "status": 403], "check the roles"), (["action": "malformed"], "check Region="),
                ] as [(JSONTree, String)] {
                    try await control.fail("E17", fault)
                    #expect(try world.agent.authenticate("alice", Passwords.alice)["error"] != nil)
                    let health = try await world.agent.ctl("health")
                    #expect(health.status == 10 && health.output.contains(remedy), "\(health.output)")
                    try await control.clearFaults()
                    let login = try world.agent.authenticate("alice", Passwords.alice)
                    #expect(login["result"]?["verdict"]?.string == "granted", "\(login)")
                    #expect(try await world.agent.ctl("health").status == 0)
                }
            }
        }

        @Test func `an endpoint that dislikes the token stops no other, and the secret is not blamed`() async throws {
            try await TestBed.with(agent: .allowing("login session")) { world in
                let control = try SandboxControl(world.sandbox)
                let session = try world.agent.authenticate("alice", Passwords.alice)["result"]?["session_id"]?.string
                let logout = #"{"session_id":"\#(try #require(session))"}"#
                for fault: JSONTree in [
                    ["action": "unauthorized", "kind": "bare"], ["action": "unauthorized", "kind": "bearer"],
                ] {
                    try await control.fail("E24", fault)
                    for _ in 1...2 { #expect(try world.agent.ask("session.logout", logout)["error"] != nil) }
                    let health = try await world.agent.ctl("health")
                    #expect(!health.output.lowercased().contains("secret"), "\(health.output)")
                    let login = try world.agent.authenticate("alice", Passwords.alice)
                    #expect(login["result"]?["verdict"]?.string == "granted", "\(login)")
                    #expect(try await world.agent.ctl("health").status == 0)
                    try await control.clearFaults()
                }
                #expect(try world.agent.ask("session.logout", logout)["error"] == nil)
            }
        }
    }
}
