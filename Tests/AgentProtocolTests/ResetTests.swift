import AgentProtocol
import Secrets
import StrictJSON
import Testing

/// The methods of password resets: parameters, results, targets and field rights.
@Suite struct ResetTests {
    func request(_ method: String, _ params: String) throws -> Request {
        let line = IncomingLine(
            parsing: Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#.utf8)
        )
        guard case .request(let request) = line else { throw Unexpected() }
        return request
    }

    /// Reads parameters and writes them again.
    func expectRoundTrip<M: AgentMethod>(_ method: M.Type, _ params: String) throws {
        let id = try #require(RequestID(1))
        let first = M.requestLine(id: id, parameters: try M.parameters(of: request(M.descriptor.name, params)))
        #expect(String(decoding: first, as: UTF8.self).contains(#""params":\#(params)"#))
    }

    static let options = #""prev_reset_token":"t","ignore_mfa":true"#
    static let mail = #""email_content":{"subject":"S","linkText":"l"}"#

    @Test func `parameters arrive and go out as they came`() throws {
        let link = #"{"redirect_uri":"https://a","username":"ada",\#(Self.options)"#
        try expectRoundTrip(ResetSendEmailLink.self, link + ",\(Self.mail)}")
        try expectRoundTrip(ResetCreateLink.self, link + "}")
        try expectRoundTrip(ResetCreateLink.self, #"{"redirect_uri":"https://a","email":"a@b"}"#)
        try expectRoundTrip(ResetSendEmailOTP.self, #"{"email":"a@b",\#(Self.options),\#(Self.mail)}"#)
        try expectRoundTrip(ResetSendSMSOTP.self, #"{"phone_number":"+1 (6)",\#(Self.options)}"#)
        try expectRoundTrip(ResetVerifyEmailOTP.self, #"{"email":"a@b","passcode":"012345"}"#)
        try expectRoundTrip(ResetVerifySMSOTP.self, #"{"phone_number":"+1","passcode":"012345"}"#)
        for kind in ["username", "email", "phone_number"] {
            try expectRoundTrip(
                ResetVerifyPassword.self,
                #"{"password":"p","\#(kind)":"x","prev_reset_token":"t"}"#
            )
        }
        try expectRoundTrip(
            ResetComplete.self,
            #"{"reset_token":"t","new_password":"n","redirect_uri":"https://a","resource":"r","require_mfa":false}"#
        )
    }

    static let refused: [(String, String, String)] = [
        ("reset.send_email_link", #"{"redirect_uri":"https://a"}"#, "email"),
        ("reset.send_email_link", #"{"email":"a","username":"b","redirect_uri":"r"}"#, "username"),
        ("reset.send_email_link", #"{"email":"a"}"#, "redirect_uri"),
        ("reset.send_email_link", #"{"phone_number":"+1","redirect_uri":"r"}"#, "phone_number"),
        ("reset.create_link", #"{"email":"a","redirect_uri":"r","email_content":{"subject":"s"}}"#, "email_content"),
        ("reset.send_email_otp", #"{"username":"ada"}"#, "username"),
        ("reset.send_email_otp", #"{"email":"a","ignore_mfa":"true"}"#, "ignore_mfa"),
        ("reset.send_sms_otp", #"{"phone_number":"+1","email_content":{"subject":"s"}}"#, "email_content"),
        ("reset.verify_email_otp", #"{"email":"a","passcode":12345}"#, "passcode"),
        ("reset.verify_sms_otp", #"{"phone_number":"+1"}"#, "passcode"),
        ("reset.verify_password", #"{"password":"canary"}"#, "username"),
        ("reset.verify_password", #"{"username":"u","password":"canary","client_id":"c"}"#, "client_id"),
        ("reset.complete", #"{"reset_token":"canary"}"#, "new_password"),
        ("reset.complete", #"{"reset_token":"","new_password":"canary"}"#, "reset_token"),
    ]

    @Test(arguments: refused)
    func `a parameter that breaks the contract is named and not repeated`(
        method: String,
        params: String,
        name: String
    ) throws {
        let type = try #require(MethodTable.main[method])
        func refusal<M: AgentMethod>(of method: M.Type) throws -> ProtocolError? {
            let request = try request(M.descriptor.name, params)
            return #expect(throws: ProtocolError.self) { try M.parameters(of: request) }
        }
        let error = try refusal(of: type)
        #expect(error?.parameter == name)
        #expect(error?.message.contains("canary") == false)
    }

    @Test(
        arguments: [
            ("reset.send_email_otp", #"{"email":"a"}"#, []),
            ("reset.send_email_otp", #"{"email":"a","ignore_mfa":false}"#, []),
            ("reset.send_email_otp", #"{"email":"a","ignore_mfa":true}"#, [.resetIgnoreMFA]),
            ("reset.send_email_otp", #"{"email":"a",\#(mail)}"#, [.mailContent]),
            ("reset.send_sms_otp", #"{"phone_number":"+1","ignore_mfa":true}"#, [.resetIgnoreMFA]),
            ("reset.send_email_link", #"{"email":"a","ignore_mfa":true,\#(mail)}"#, [.resetIgnoreMFA, .mailContent]),
            ("reset.create_link", #"{"email":"a"}"#, [.resetDirect]),
            ("reset.create_link", #"{"email":"a","ignore_mfa":true}"#, [.resetDirect, .resetIgnoreMFA]),
        ] as [(String, String, [Right])]
    )
    func `dangerous fields need rights of their own`(method: String, params: String, rights: [Right]) throws {
        let descriptor = try #require(MethodTable.main.descriptor(named: method))
        #expect(descriptor.fieldRights(usedBy: try request(method, params).params) == rights)
    }

    @Test func `every method but the last has its user for a target, and only what sends or checks is uniform`() throws
    {
        let methods = MethodTable.main.methods.map { $0.descriptor }.filter { $0.name.hasPrefix("reset.") }
        #expect(methods.count == 8)
        for method in methods {
            #expect(method.requirement == .right(.reset))
            #expect(method.retryClass == .effect)
            #expect((method.target == nil) == (method.name == "reset.complete"))
            #expect(method.isUniform == (method.name != "reset.complete" && method.name != "reset.create_link"))
            #expect(method.isSend == method.name.hasPrefix("reset.send_"))
        }
        let target = ResetVerifySMSOTP.descriptor.target(in: try request("m", #"{"phone_number":"+1"}"#).params)
        #expect(target == Target(kind: .phoneNumber, identifier: "+1"))
    }

    @Test func `results look as documented and are read again`() throws {
        let id = try #require(RequestID(1))
        func expect<M: AgentMethod>(_ method: M.Type, _ result: M.Result, _ text: String) throws {
            let line = M.answerLine(id: id, result: result)
            #expect(String(decoding: line, as: UTF8.self) == #"{"jsonrpc":"2.0","id":1,"result":\#(text)}"#)
            let json = try Response(parsing: line).outcome.get()
            try M.Result.schema.check(json)
            #expect(M.answerLine(id: id, result: try M.result(from: json)) == line)
        }
        let token = Fixtures.secret("t")
        try expect(
            ResetVerifyEmailOTP.self,
            .granted(.init(resetToken: token, mfaRequired: true)),
            #"{"verdict":"granted","reset_token":"t","mfa_required":true}"#
        )
        try expect(
            ResetVerifyPassword.self,
            .granted(.init(resetToken: token, mfaRequired: nil)),
            #"{"verdict":"granted","reset_token":"t"}"#
        )
        try expect(ResetVerifySMSOTP.self, .denied(reason: "expired"), #"{"verdict":"denied","reason":"expired"}"#)
        try expect(ResetSendSMSOTP.self, .init(), #"{"verdict":"accepted"}"#)
        try expect(ResetCreateLink.self, .init(resetLink: token), #"{"reset_link":"t"}"#)
        try expect(ResetComplete.self, .init(), "{}")
        try expect(
            ResetComplete.self,
            .init(message: "m", url: token, email: "a@b"),
            #"{"message":"m","url":"t","email":"a@b"}"#
        )
        #expect(throws: SchemaViolation.self) {
            try ResetVerifySMSOTP.result(
                from: JSONDocument(parsing: Array(#"{"verdict":"accepted"}"#.utf8), maximumDepth: 4).root
            )
        }
    }
}
