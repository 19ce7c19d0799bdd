import AgentProtocol
import StrictJSON
import Testing

@Suite struct RoundTripTests {
    /// Client writes, daemon reads and writes again: the same bytes; and all of it inside the schema.
    func roundTrip<M: AgentMethod>(_ method: M.Type, _ parameters: M.Parameters) throws {
        let id = try #require(RequestID("a"))
        let metadata = CallMetadata(deadlineMilliseconds: 5000, client: "default")
        let line = M.requestLine(id: id, parameters: parameters, metadata: metadata)
        guard case .request(let request) = IncomingLine(parsing: line) else { throw Unexpected() }
        #expect(request.method == M.name)
        #expect(try request.metadata() == metadata)
        let again = try M.parameters(of: request)
        #expect(M.requestLine(id: id, parameters: again, metadata: metadata) == line)
    }

    /// Daemon writes, client reads and writes again: the same bytes; and all of it inside the schema.
    func roundTrip<M: AgentMethod>(_ method: M.Type, result: M.Result) throws {
        let id = try #require(RequestID(7))
        let line = M.answerLine(id: id, result: result)
        let response = try Response(parsing: line)
        #expect(response.id == id)
        let json = try response.outcome.get()
        try M.Result.schema.check(json)
        try M.descriptor.result.check(json)
        #expect(M.answerLine(id: id, result: try M.result(from: json)) == line)
        // An answer is one line.
        #expect(!line.contains(0x0A))
        try expectUnknownMembersAreIgnored(json, M.self)
    }

    private func expectUnknownMembersAreIgnored<M: AgentMethod>(_ json: JSONValue, _ method: M.Type) throws {
        var text = Array(json.rawBytes)
        text.insert(contentsOf: Array((json.count == 0 ? #""new":{}"# : #""new":{},"#).utf8), at: 1)
        let extended = try JSONDocument(parsing: text, maximumDepth: 16).root
        _ = try M.result(from: extended)
        try M.Result.schema.check(extended, as: .result)
    }

    @Test(arguments: Fixtures.logins)
    func `login parameters`(parameters: PasswordAuthenticate.Parameters) throws {
        try roundTrip(PasswordAuthenticate.self, parameters)
    }

    @Test(arguments: Fixtures.loginResults)
    func `login results`(result: PasswordAuthenticate.Result) throws {
        try roundTrip(PasswordAuthenticate.self, result: result)
    }

    @Test func `login results look as documented`() throws {
        let id = try #require(RequestID(1))
        func text(_ result: PasswordAuthenticate.Result) -> String {
            String(decoding: PasswordAuthenticate.answerLine(id: id, result: result), as: UTF8.self)
        }
        #expect(text(.denied(reason: nil)) == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"denied"}}"#)
        #expect(
            text(Fixtures.granted)
                == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"granted","access_token":"canary","token_type":"Bearer","#
                + #""expires_in":3600,"session_id":"canary","id_token":"canary","refresh_token":"canary","user_id":"u1","#
                + #""amr":["pwd"]}}"#
        )
        #expect(
            text(.passwordChangeRequired(cause: .temporary, resetToken: Fixtures.secret("r")))
                == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"password_change_required","cause":"temporary","#
                + #""reset_token":"r"}}"#
        )
    }

    @Test func `the system methods`() throws {
        for method in [SystemPing.self, SystemHello.self, RPCDiscover.self] as [any AgentMethod.Type] {
            #expect(method.descriptor.parameters.isEmpty)
        }
        try roundTrip(SystemPing.self, EmptyParameters())
        try roundTrip(SystemPing.self, result: .init())
        try roundTrip(SystemHello.self, result: Fixtures.hello)
        try roundTrip(RPCDiscover.self, result: .init(document: MethodTable.main.openRPC(version: "0.1.0")))
        let id = try #require(RequestID(1))
        let json = try Response(parsing: SystemHello.answerLine(id: id, result: Fixtures.hello)).outcome.get()
        #expect(try SystemHello.result(from: json) == Fixtures.hello)
        #expect(json["protocol"]?.integer == 1)
        #expect(json["limits"]?["line_bytes"]?.integer == 65_536)
        #expect(json["limits"]?["deadline_ms"]?.integer == 600_000)
        #expect(json["limits"]?["unread_ms"]?.integer == 30_000)
    }

    @Test func `the methods of the control socket`() throws {
        try roundTrip(DaemonStatus.self, result: Fixtures.status)
        try roundTrip(DaemonHealth.self, result: Fixtures.health)
        try roundTrip(DaemonHealth.self, result: .init(checks: []))
        try roundTrip(DaemonRefreshToken.self, DaemonRefreshToken.Parameters())
        try roundTrip(DaemonRefreshToken.self, DaemonRefreshToken.Parameters(client: "default"))
        try roundTrip(DaemonRefreshToken.self, result: Fixtures.refresh)
        try roundTrip(DaemonReload.self, result: Fixtures.reload)
        try roundTrip(DaemonRotateCredential.self, Fixtures.rotate)
        try roundTrip(DaemonRotateCredential.self, result: Fixtures.rotated)
        try roundTrip(DaemonTargetHash.self, .init(.email, "ada@example.com"))
        try roundTrip(DaemonTargetHash.self, .init(IdentifierKind("badge number"), "\u{0}é"))
        try roundTrip(DaemonTargetHash.self, result: Fixtures.hash)
        try roundTrip(DaemonTargetHash.self, result: .init(target: "username:ada", form: "plain"))
        try roundTrip(PolicyExplain.self, Fixtures.explain)
        try roundTrip(PolicyExplain.self, PolicyExplain.Parameters(uid: 0, method: "system.ping"))
        try roundTrip(PolicyExplain.self, result: Fixtures.explanation)
        try roundTrip(PolicyExplain.self, result: .init(allowed: false, reason: "no rule matches"))
    }

    @Test func `health is the worst of its checks`() {
        #expect(Fixtures.health.status == .degraded)
        #expect(DaemonHealth.Result(checks: []).status == .healthy)
        let unhealthy = DaemonHealth.Check(name: "x", status: .unhealthy, message: "y")
        #expect(DaemonHealth.Result(checks: [unhealthy] + Fixtures.health.checks).status == .unhealthy)
        #expect(HealthStatus("new").severity > HealthStatus.degraded.severity)
    }

    @Test func `a result of another shape is told by its member`() throws {
        func violation(_ text: String) throws -> SchemaViolation? {
            let json = try JSONDocument(parsing: Array(text.utf8), maximumDepth: 8).root
            do throws(SchemaViolation) {
                _ = try PasswordAuthenticate.result(from: json)
                return nil
            } catch {
                return error
            }
        }
        #expect(try violation("{}")?.path == "verdict")
        #expect(try violation(#"{"verdict":"new"}"#)?.path == "verdict")
        #expect(try violation(#"{"verdict":"granted","access_token":"a"}"#)?.path == "token_type")
        #expect(try violation("[]")?.problem == .mistyped(expected: "an object"))
        #expect(try violation(#"{"verdict":"denied","reason":1}"#)?.path == "reason")
    }

    @Test func `a schema refuses results that are not its own`() throws {
        let granted = try JSONDocument(
            parsing: Array(#"{"verdict":"denied","access_token":"a"}"#.utf8),
            maximumDepth: 4
        ).root
        #expect(throws: SchemaViolation.self) { try PasswordAuthenticate.Result.schema.check(granted) }
    }
}
