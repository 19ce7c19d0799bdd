import AgentProtocol
import Secrets
import StrictJSON
import Testing

@Suite struct ParameterTests {
    func request(_ params: String?, method: String = "password.authenticate") throws -> Request {
        let members = params.map { #","params":\#($0)"# } ?? ""
        let line = IncomingLine(parsing: Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)"\#(members)}"#.utf8))
        guard case .request(let request) = line else { throw Unexpected() }
        return request
    }

    @Test func `all parameters of a login arrive`() throws {
        let parameters = try PasswordAuthenticate.parameters(
            of: request(
                #"""
                {"username":"ada@example.com","password":"\u00e9\n","username_type":"email","session_id":"s","org_id":"o",
                "resource":"https://r","claims":{"id_token": {"a":null}},
                "client_attributes":{"user_agent":"UA","ip_address":"::1"},"meta":{"trace_id":"t"}}
                """#
            )
        )
        #expect(parameters.username == "ada@example.com")
        #expect(parameters.password == Secret(copying: "é\n".utf8))
        #expect(parameters.usernameType == .email)
        #expect(parameters.sessionID == Secret(copying: "s".utf8))
        #expect(parameters.orgID == "o")
        #expect(parameters.resource == "https://r")
        #expect(parameters.claims?.description == #"{"id_token": {"a":null}}"#)
        #expect(parameters.clientAttributes == ClientAttributes(userAgent: "UA", ipAddress: "::1"))
    }

    @Test func `a long identifier and a long password pass to the byte`() throws {
        func login(_ username: Int, _ password: Int) throws -> PasswordAuthenticate.Parameters {
            let name = String(repeating: "é", count: username / 2) + String(repeating: "u", count: username % 2)
            let word = String(repeating: #"\n"#, count: password)
            return try PasswordAuthenticate.parameters(of: request(#"{"username":"\#(name)","password":"\#(word)"}"#))
        }
        #expect(try login(1024, 4096).password.count == 4096)
        #expect(throws: ProtocolError.self) { try login(1025, 1) }
        #expect(throws: ProtocolError.self) { try login(1, 4097) }
    }

    static let long = String(repeating: "a", count: 5000)

    /// Params and the parameter at fault; the value is always the canary or not there.
    static let refused: [(String, String?)] = [
        ("[]", nil), ("null", nil), ("1", nil), (#""canary""#, nil), ("true", nil),
        ("{}", "username"), (#"{"username":"u"}"#, "password"), (#"{"password":"canary"}"#, "username"),
        (#"{"username":"u","password":"canary","extra":1}"#, "extra"),
        (#"{"username":"u","password":"canary","Password":"canary"}"#, "Password"),
        (#"{"username":1,"password":"canary"}"#, "username"), (#"{"username":null,"password":"canary"}"#, "username"),
        (#"{"username":"u","password":["canary"]}"#, "password"), (#"{"username":"","password":"canary"}"#, "username"),
        (#"{"username":"u","password":""}"#, "password"), (#"{"username":"\#(long)","password":"canary"}"#, "username"),
        (#"{"username":"u","password":"\#(long)"}"#, "password"),
        (#"{"username":"u","password":"canary","username_type":"user_id"}"#, "username_type"),
        (#"{"username":"u","password":"canary","session_id":1e400}"#, "session_id"),
        (#"{"username":"u","password":"canary","claims":[]}"#, "claims"),
        (#"{"username":"u","password":"canary","claims":"canary"}"#, "claims"),
        (#"{"username":"u","password":"canary","claims":{"a":"\#(long)\#(long)\#(long)\#(long)"}}"#, "claims"),
        (#"{"username":"u","password":"canary","client_attributes":{"x":1}}"#, "client_attributes.x"),
        (#"{"username":"u","password":"canary","client_attributes":{"ip_address":1}}"#, "client_attributes.ip_address"),
        (#"{"username":"u","password":"canary","client_attributes":"canary"}"#, "client_attributes"),
    ]

    @Test(arguments: refused)
    func `a wrong parameter is named and its value is not`(params: String, parameter: String?) throws {
        let request = try request(params)
        let error = try #require(throws: ProtocolError.self) { try PasswordAuthenticate.parameters(of: request) }
        #expect(error.code == -32602)
        #expect(error.parameter == parameter)
        #expect(error.outcome == .notSent)
        #expect(error.id == request.id)
        #expect(!error.retryable)
        let line = String(decoding: error.line(), as: UTF8.self)
        #expect(!line.contains("canary"))
        #expect(line.contains(#""outcome":"not_sent""#))
    }

    @Test func `an unknown name is cut short on its way back`() throws {
        let request = try request(#"{"username":"u","password":"p","\#(String(repeating: "é", count: 200))":1}"#)
        let error = try #require(throws: ProtocolError.self) { try PasswordAuthenticate.parameters(of: request) }
        #expect((error.parameter?.utf8.count ?? 0) <= 64)
        #expect(error.parameter?.hasSuffix("...") == true)
    }

    @Test func `absent params are an empty object`() throws {
        #expect(try SystemPing.parameters(of: request(nil)) == EmptyParameters())
        #expect(try SystemPing.parameters(of: request("{}")) == EmptyParameters())
        #expect(throws: ProtocolError.self) { try SystemPing.parameters(of: request(#"{"a":1}"#)) }
    }

    @Test(
        arguments: [
            (nil, CallMetadata()), ("{}", CallMetadata()), (#"{"meta":{}}"#, CallMetadata()),
            (#"{"meta":null}"#, CallMetadata()),
            (
                #"{"meta":{"deadline_ms":null,"idempotency_key":null,"client":null,"trace_id":null}}"#, CallMetadata()
            ),
            (#"{"meta":{"deadline_ms":1}}"#, CallMetadata(deadlineMilliseconds: 1)),
            (#"{"meta":{"deadline_ms":600000}}"#, CallMetadata(deadlineMilliseconds: 600_000)),
            (
                #"{"meta":{"idempotency_key":"k","client":"c","trace_id":"t"}}"#,
                CallMetadata(idempotencyKey: "k", client: "c", traceID: "t")
            ),
        ] as [(String?, CallMetadata)]
    )
    func `meta is read`(params: String?, metadata: CallMetadata) throws {
        #expect(try request(params).metadata() == metadata)
        #expect(try request(params).deadline == metadata.deadline)
    }

    @Test(
        arguments: [
            (#"{"meta":[]}"#, "meta"), (#"{"meta":{"x":1}}"#, "meta.x"),
            (#"{"meta":{"deadline_ms":0}}"#, "meta.deadline_ms"),
            (#"{"meta":{"deadline_ms":600001}}"#, "meta.deadline_ms"),
            (#"{"meta":{"deadline_ms":1.0}}"#, "meta.deadline_ms"),
            (#"{"meta":{"deadline_ms":1e3}}"#, "meta.deadline_ms"),
            (#"{"meta":{"deadline_ms":1e400}}"#, "meta.deadline_ms"),
            (#"{"meta":{"deadline_ms":"1"}}"#, "meta.deadline_ms"),
            (#"{"meta":{"idempotency_key":""}}"#, "meta.idempotency_key"),
            (#"{"meta":{"idempotency_key":"\#(String(repeating: "k", count: 129))"}}"#, "meta.idempotency_key"),
            (#"{"meta":{"trace_id":"\#(String(repeating: "t", count: 65))"}}"#, "meta.trace_id"),
            (#"{"meta":{"trace_id":""}}"#, "meta.trace_id"), (#"{"meta":{"client":1}}"#, "meta.client"), ("[]", nil),
        ] as [(String, String?)]
    )
    func `wrong meta is named with its place`(params: String, parameter: String?) throws {
        let request = try request(params)
        let error = try #require(throws: ProtocolError.self) { try request.metadata() }
        #expect(error.code == -32602)
        #expect(error.parameter == parameter)
        #expect(error.outcome == .notSent)
        #expect(request.deadline == .seconds(10))
    }

    @Test func `the target of a login is its identifier with its kind`() throws {
        let descriptor = PasswordAuthenticate.descriptor
        let plain = try request(#"{"username":"\u0061da","password":"p"}"#)
        #expect(descriptor.target(in: plain.params) == Target(kind: .username, identifier: "ada"))
        let mail = try request(#"{"username":"ada","password":"p","username_type":"email"}"#)
        #expect(descriptor.target(in: mail.params) == Target(kind: .email, identifier: "ada"))
        #expect(descriptor.fieldRights(usedBy: mail.params).isEmpty)
        #expect(SystemPing.descriptor.target(in: mail.params) == nil)
    }

    @Test func `identifiers are compared as bytes and print as nothing`() {
        #expect(Identifier("\u{E9}") != Identifier("e\u{301}"))
        #expect(ByteText("\u{E9}") != ByteText("e\u{301}"))
        var dumped = ""
        dump(Target(kind: .email, identifier: "canary"), to: &dumped)
        #expect(!dumped.contains("canary"))
        #expect("\(Identifier("canary"))" == "<identifier>")
    }

    @Test func `no parameter or result prints a secret`() throws {
        let parameters = try PasswordAuthenticate.parameters(
            of: request(#"{"username":"canary","password":"canary","session_id":"canary"}"#)
        )
        var dumped = "\(parameters)"
        dump(parameters, to: &dumped)
        dump(Fixtures.granted, to: &dumped)
        #expect(!dumped.contains("canary"))
    }
}
