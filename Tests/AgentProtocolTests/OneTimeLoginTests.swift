import AgentProtocol
import Secrets
import StrictJSON
import Testing

/// Codes and links: parameters, results, targets and field rights.
@Suite struct OneTimeLoginTests {
    func request(_ params: String, method: String = "otp.send") throws -> Request {
        let line = IncomingLine(
            parsing: Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#.utf8)
        )
        guard case .request(let request) = line else { throw Unexpected() }
        return request
    }

    static let user = #""identifier":"ada@example.com","identifier_type":"email""#
    static let email = #"{"channel":"email",\#(user)"#
    static let sms = #"{"channel":"sms",\#(user)"#

    static let full =
        email + #","expires_in":60,"generate_request_id":true,"approval_data":{"sum": "12.50","n":3,"ok":true},"#
        + ##""custom_email":"x@example.com","email_content":{"subject":"S","primaryColor":"#6981FF","base64logo":"AA==","##
        + #""headerText":"h","bodyText":"","linkText":"l","infoText":"i","footerText":"f","senderName":"n"},"#
        + #""client_attributes":{"user_agent":"UA"},"device_id":"d"}"#

    @Test func `all parameters of a code arrive and go out as they came`() throws {
        let parameters = try OTPSend.parameters(of: request(Self.full))
        #expect(parameters.user == Target(kind: .email, identifier: "ada@example.com"))
        #expect(parameters.channel == .email)
        #expect(parameters.expiresIn == 60)
        #expect(parameters.options.generateRequestID == true)
        #expect(parameters.approvalData?.description == #"{"sum": "12.50","n":3,"ok":true}"#)
        #expect(parameters.customEmail == "x@example.com")
        #expect(parameters.options.emailContent?.subject == "S")
        #expect(parameters.options.deviceID == "d")
        let id = try #require(RequestID(1))
        let line = OTPSend.requestLine(id: id, parameters: parameters)
        guard case .request(let again) = IncomingLine(parsing: line) else { throw Unexpected() }
        #expect(OTPSend.requestLine(id: id, parameters: try OTPSend.parameters(of: again)) == line)
    }

    /// Params and the parameter at fault; values that must not come back are the canary.
    static let refused: [(String, String)] = [
        ("{\(user)}", "channel"), (#"{"channel":"email","identifier":"a"}"#, "identifier_type"),
        (#"{"channel":"email","identifier_type":"email"}"#, "identifier"),
        (#"{"channel":"voice",\#(user)}"#, "channel"),
        (#"{"channel":"email","identifier":"a","identifier_type":"e mail canary"}"#, "identifier_type"),
        (email + #","expires_in":0}"#, "expires_in"), (email + #","expires_in":61}"#, "expires_in"),
        (email + #","expires_in":600}"#, "expires_in"), (email + #","expires_in":1.5}"#, "expires_in"),
        (email + #","generate_request_id":"true"}"#, "generate_request_id"),
        (email + #","approval_data":{"a":{"canary":1}}}"#, "approval_data"),
        (email + #","approval_data":{"a":null}}"#, "approval_data"),
        (email + #","approval_data":{"a":["canary"]}}"#, "approval_data"),
        (email + #","approval_data":{"a":"can ary"}}"#, "approval_data"),
        (email + #","approval_data":{"ca nary":"1"}}"#, "approval_data"),
        (email + #","approval_data":{"":"1"}}"#, "approval_data"),
        (email + #","approval_data":{"a":1e+2}}"#, "approval_data"),
        (email + #","approval_data":"x"}"#, "approval_data"),
        (
            email + #","approval_data":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1}}"#,
            "approval_data"
        ),
        (email + #","custom_phone_number":"+1"}"#, "custom_phone_number"),
        (sms + #","custom_email":"canary"}"#, "custom_email"),
        (sms + #","email_content":{"subject":"canary"}}"#, "email_content"),
        (email + #","custom_sms_input":{"sender_id":"canary"}}"#, "custom_sms_input"),
        (#"{"channel":"direct",\#(user),"custom_email":"canary"}"#, "custom_email"),
        (email + #","email_content":{}}"#, "email_content.subject"),
        (email + #","email_content":{"subject":"s","primaryColor":"red"}}"#, "email_content.primaryColor"),
        (email + #","email_content":{"subject":"s","html":"canary"}}"#, "email_content.html"),
        (sms + #","custom_sms_input":{"custom_message":"canary {otp}"}}"#, "custom_sms_input.custom_message"),
        (
            sms + #","custom_sms_input":{"custom_message":"{otp}{app}\#(String(repeating: "é", count: 131))"}}"#,
            "custom_sms_input.custom_message"
        ),
        (sms + #","custom_sms_input":{"sender_id":"canarycanary"}}"#, "custom_sms_input.sender_id"),
        (email + #","device_id":"\#(String(repeating: "d", count: 81))"}"#, "device_id"),
    ]

    @Test(arguments: refused)
    func `a parameter that breaks the contract is named and not repeated`(params: String, name: String) throws {
        let error = try #require(throws: ProtocolError.self) { try OTPSend.parameters(of: request(params)) }
        #expect(error.code == -32602)
        #expect(error.parameter == name)
        #expect(error.outcome == .notSent)
        #expect(!error.message.contains("canary") && !error.message.contains("ca nary"))
    }

    @Test func `the longest texts pass`() throws {
        let message = "{otp}{app}" + String(repeating: "é", count: 130)
        let params =
            Self.sms + #","custom_sms_input":{"custom_message":"\#(message)","sender_id":"elevenchars"},"#
            + #""device_id":"\#(String(repeating: "é", count: 80))","custom_phone_number":"+16175550101"}"#
        #expect(try OTPSend.parameters(of: request(params)).customSMSInput?.customMessage == message)
        #expect(throws: ProtocolError.self) {
            try LinkSend.parameters(
                of: request(
                    #"{\#(Self.user),"redirect_uri":"https://a","channel":"direct","email_content":{"subject":"s"}}"#
                )
            )
        }
    }

    @Test(
        arguments: [
            ("otp.send", email + "}", []), ("otp.send", #"{"channel":"direct",\#(user)}"#, [.otpDirect]),
            ("otp.send", email + #","custom_email":"x"}"#, [.otpRedirect]),
            (
                "otp.send", email + #","custom_email":"x","email_content":{"subject":"s"}}"#,
                [.otpRedirect, .mailContent]
            ),
            ("otp.send", sms + #","custom_phone_number":"+1","custom_sms_input":{}}"#, [.otpRedirect, .mailContent]),
            ("link.send", #"{"channel":"direct"}"#, [.linkDirect]), ("link.send", #"{"channel":"email"}"#, []),
            ("link.send", #"{"email_content":{}}"#, [.mailContent]),
        ] as [(String, String, [Right])]
    )
    func `dangerous fields need rights of their own`(method: String, params: String, rights: [Right]) throws {
        let descriptor = try #require(MethodTable.main.descriptor(named: method))
        #expect(descriptor.fieldRights(usedBy: try request(params).params) == rights)
        #expect(descriptor.target?.names == ["identifier"])
    }

    @Test func `a login with a code or a link takes its parameters`() throws {
        let options =
            #""request_id":"r","session_id":"s","org_id":"o","resource":"https://r","claims":{},"device_id":"d""#
        let code = try OTPAuthenticate.parameters(of: request(#"{"passcode":"012345",\#(Self.user),\#(options)}"#))
        #expect(code.passcode == Secret(copying: "012345".utf8))
        #expect(code.options.requestID == "r")
        #expect(code.options.sessionID == Secret(copying: "s".utf8))
        let link = try LinkAuthenticate.parameters(of: request(#"{"code":"c",\#(options)}"#))
        #expect(link.options.deviceID == "d")
        #expect(LinkAuthenticate.descriptor.target == nil)
        #expect(throws: ProtocolError.self) {
            try OTPAuthenticate.parameters(of: request(#"{"passcode":12345,\#(Self.user)}"#))
        }
        #expect(throws: ProtocolError.self) { try LinkAuthenticate.parameters(of: request("{}")) }
        var dumped = "\(code)\(link)"
        dump(code, to: &dumped)
        #expect(!dumped.contains("012345"))
    }

    @Test func `results look as documented`() throws {
        let id = try #require(RequestID(1))
        func text<M: AgentMethod>(_ method: M.Type, _ result: M.Result) -> String {
            String(decoding: M.answerLine(id: id, result: result), as: UTF8.self)
        }
        let prefix = #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"#
        #expect(text(OTPSend.self, .init()) == prefix + #""accepted"}}"#)
        let approval = JSONText { writer in
            writer.beginObject()
            writer.endObject()
        }
        #expect(
            text(OTPSend.self, .init(requestID: "r", approvalData: approval, code: Secret(copying: "1".utf8)))
                == prefix + #""accepted","request_id":"r","approval_data":{},"code":"1"}}"#
        )
        #expect(text(LinkSend.self, .init(reason: "unknown_user")) == prefix + #""accepted","reason":"unknown_user"}}"#)
        #expect(text(OTPAuthenticate.self, .denied(reason: nil)) == prefix + #""denied"}}"#)
        let line = LinkSend.answerLine(id: id, result: .init(requestID: "r", link: Secret(copying: "l".utf8)))
        let again = try LinkSend.result(from: try Response(parsing: line).outcome.get())
        #expect(LinkSend.answerLine(id: id, result: again) == line)
        try LinkSend.Result.schema.check(try Response(parsing: line).outcome.get())
    }
}

/// The rule for parameters of which exactly one names the user.
@Suite struct TargetRuleTests {
    static let rule = TargetRule.oneOf([.username, .email, .phoneNumber])

    func target(_ rule: TargetRule, _ params: String) throws -> Target? {
        try rule.target(in: JSONDocument(parsing: Array(params.utf8), maximumDepth: 4).root)
    }

    @Test func `one of several names the user, with its kind`() throws {
        #expect(try target(Self.rule, #"{"email":"a"}"#) == Target(kind: .email, identifier: "a"))
        #expect(try target(Self.rule, #"{"phone_number":"+1","x":1}"#) == Target(kind: .phoneNumber, identifier: "+1"))
        #expect(try target(.oneOf([.userID], isRequired: false), "{}") == nil)
    }

    @Test(arguments: ["{}", #"{"email":"a","username":"b"}"#, #"{"username":"","email":"","phone_number":""}"#])
    func `none and two are refused, and all that is allowed is named`(params: String) throws {
        let violation = try #require(throws: SchemaViolation.self) { try target(Self.rule, params) }
        #expect(violation.description == "exactly one of username, email, phone_number must be given")
    }

    @Test func `the only parameter of a rule is simply missing`() throws {
        let violation = try #require(throws: SchemaViolation.self) { try target(.oneOf([.email]), "{}") }
        #expect(violation.problem == .missing)
        #expect(violation.path == "email")
        #expect(TargetRule.oneOf([.email]).fields().map(\.isRequired) == [true])
        #expect(Self.rule.fields().map(\.isRequired) == [false, false, false])
    }
}
