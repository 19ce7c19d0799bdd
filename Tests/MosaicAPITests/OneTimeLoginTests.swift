import Secrets
import StrictJSON
import Testing

@testable import MosaicAPI

/// What goes out for E18 to E21, and what the answers mean.
struct `A one-time login` {
    let endpoints = MosaicEndpoints(region: .eu)

    func json(_ text: String) throws -> JSONText { try JSONText(parsing: Array(text.utf8), maximumDepth: 8) }

    func response(_ status: Int, _ body: String) -> UpstreamResponse { UpstreamResponse(status, body) }

    func refusal(_ status: Int, _ body: String) -> UpstreamError {
        UpstreamError(UpstreamResponse(status, body), wallClock: 0)
    }

    @Test func `sends a code with exactly the contract's fields`() throws {
        var request = OTPSendOperation(channel: .sms, identifierType: "user_id", identifier: Secret("u \"1\""))
        #expect(request.url(at: endpoints).description == "https://api.eu.transmitsecurity.io/cis/v1/auth/otp/send")
        #expect(OTPSendOperation.method == .post)
        #expect(
            request.body?.bytes.text == #"{"channel":"sms","identifier_type":"user_id","identifier":"u \"1\""}"#
        )
        request.expiresIn = 5
        request.generatesRequestID = true
        request.approvalData = try json(#"{"a": "1"}"#)
        request.customEmail = Secret("e")
        request.customPhoneNumber = Secret("+1")
        request.emailContent = try json(#"{"subject":"s"}"#)
        request.customSMSInput = try json(#"{"sender_id":"x"}"#)
        request.clientAttributes = try json(#"{"user_agent":"UA"}"#)
        request.deviceID = "d"
        #expect(request.body?.mediaType == "application/json")
        #expect(
            request.body?.bytes.text
                == #"{"channel":"sms","identifier_type":"user_id","identifier":"u \"1\"","expires_in":5,"#
                + #""generate_request_id":true,"approval_data":{"a": "1"},"custom_email":"e","custom_phone_number":"+1","#
                + #""email_content":{"subject":"s"},"custom_sms_input":{"sender_id":"x"},"#
                + #""client_attributes":{"user_agent":"UA"},"device_id":"d"}"#
        )
    }

    @Test func `sends a link in the identifier form`() throws {
        var request = LinkSendOperation(identifierType: "email", identifier: Secret("a@b"), redirectURI: "https://r")
        #expect(
            request.url(at: endpoints).description == "https://api.eu.transmitsecurity.io/cis/v1/auth/link/email/send"
        )
        #expect(
            request.body?.bytes.text == #"{"identifier":"a@b","identifier_type":"email","redirect_uri":"https://r"}"#
        )
        request.channel = .direct
        request.state = "x"
        request.emailExpiration = 10
        request.emailContent = try json(#"{"subject":"s"}"#)
        request.generatesRequestID = false
        request.clientAttributes = try json("{}")
        request.deviceID = "d"
        #expect(
            request.body?.bytes.text
                == #"{"identifier":"a@b","identifier_type":"email","redirect_uri":"https://r","state":"x","#
                + #""channel":"direct","email_expiration":10,"email_content":{"subject":"s"},"generate_request_id":false,"#
                + #""client_attributes":{},"device_id":"d"}"#
        )
    }

    @Test func `authenticates with exactly the contract's fields`() throws {
        var options = AuthenticationOptions()
        options.requestID = "r"
        options.sessionID = Secret("s")
        options.organizationID = "o"
        options.resource = "https://a"
        options.claims = try json("{}")
        options.clientAttributes = try json(#"{"ip_address":"::1"}"#)
        options.deviceID = "d"
        let tail =
            #","request_id":"r","session_id":"s","org_id":"o","resource":"https://a","claims":{},"#
            + #""client_attributes":{"ip_address":"::1"},"device_id":"d"}"#
        var code = OTPAuthenticateOperation(
            passcode: Secret("001"),
            identifierType: "email",
            identifier: Secret("a@b")
        )
        #expect(code.body?.bytes.text == #"{"passcode":"001","identifier_type":"email","identifier":"a@b"}"#)
        code.options = options
        #expect(code.body?.bytes.text == #"{"passcode":"001","identifier_type":"email","identifier":"a@b""# + tail)
        #expect(
            code.url(at: endpoints).description == "https://api.eu.transmitsecurity.io/cis/v1/auth/otp/authenticate"
        )
        var link = LinkAuthenticateOperation(code: Secret("c"))
        link.options = options
        #expect(link.body?.bytes.text == #"{"code":"c""# + tail)
        #expect(
            link.url(at: endpoints).description
                == "https://api.eu.transmitsecurity.io/cis/v1/auth/link/email/authenticate"
        )
    }

    @Test func `takes from the answer of a send what was asked for, and misses it`() throws {
        func output(
            _ body: String,
            _ channel: OTPSendOperation.Channel = .email,
            bound: Bool? = nil
        )
            -> OTPSendOperation.Receipt?
        {
            var request = OTPSendOperation(channel: channel, identifierType: "email", identifier: Secret("a"))
            request.generatesRequestID = bound
            guard case .sent(let receipt) = request.output(of: response(200, body)) else { return nil }
            return receipt
        }
        #expect(output(#"{"message":"OTP sent"}"#) == .init())
        #expect(output("{}") == .init())
        #expect(output(#"{"message":"m","request_id":"r","code":"1"}"#) == .init())
        #expect(output(#"{"request_id":"r"}"#, bound: true) == .init(requestID: "r"))
        #expect(output(#"{"message":"m"}"#, bound: true) == nil)
        #expect(output(#"{"request_id":7}"#, bound: true) == nil)
        #expect(output(#"{"code":"012345"}"#, .direct) == .init(code: Secret("012345")))
        #expect(output(#"{"message":"m"}"#, .direct) == nil)
        #expect(output(#"{"code":""}"#, .direct) == nil)
        #expect(output("[]") == nil)
        #expect(output("OK") == nil)
        var link = LinkSendOperation(identifierType: "email", identifier: Secret("a"), redirectURI: "https://r")
        link.channel = .direct
        guard case .sent(let receipt) = link.output(of: response(200, #"{"link":"l","code":"c"}"#)) else {
            Issue.record("no receipt")
            return
        }
        #expect(receipt == .init(link: Secret("l"), code: Secret("c")))
    }

    enum Meaning: Sendable, Equatable {
        case withheld(WithholdingReason)
        case failure(APIFailure.Kind)
    }

    static let sends: [(Int, String, Meaning)] = [
        (404, #"{"error_code":"user_not_found","message":"m"}"#, .withheld(.unknownUser)),
        (403, #"{"error_code":"user_not_active","message":"m"}"#, .withheld(.notActive)),
        (404, #"{"error_code":"user_email_address_missing","message":"m"}"#, .withheld(.noAddress)),
        (404, #"{"error_code":"user_phone_number_missing","message":"m"}"#, .withheld(.noAddress)),
        (404, #"{"error_code":"404","message":"User not found"}"#, .withheld(.unknownUser)),
        (403, #"{"error_code":"403","message":"User is not active"}"#, .withheld(.notActive)),
        (
            403, #"{"error_code":"403","message":"Public signup is not allowed for this application"}"#,
            .withheld(.signupClosed)
        ),
        (403, #"{"error_code":"auth_login_preferences_missing"}"#, .failure(.notConfigured)),
        (404, #"{"error_code":"auth_login_preferences_missing"}"#, .failure(.notConfigured)),
        (400, #"{"error_code":"external_provider_configuration_error"}"#, .failure(.notConfigured)),
        (404, #"{"error_code":"404","message":"App not found"}"#, .failure(.notConfigured)),
        (
            400,
            #"{"error_code":"400","message":"redirect_uri is not one of the allowed redirect URIs configured for this app"}"#,
            .failure(.notConfigured)
        ),
        (400, #"{"error_code":"system_invalid_input","message":"m"}"#, .failure(.invalidInput)),
        (400, #"{"error_code":400,"message":["identifier must be a string"]}"#, .failure(.invalidInput)),
        (403, #"{"error_code":"403","message":"Forbidden"}"#, .failure(.forbidden)),
        (403, #"{"error_code":"system_forbidden"}"#, .failure(.forbidden)), (403, "<html>", .failure(.forbidden)),
        (404, "<html>", .failure(.protocolViolation)), (400, "", .failure(.protocolViolation)),
        (409, "{}", .failure(.protocolViolation)), (429, "", .failure(.rateLimited)), (503, "", .failure(.unavailable)),
    ]

    @Test(arguments: sends)
    func `a refused send means nobody to send to, or a failure`(status: Int, body: String, meaning: Meaning) {
        let request = LinkSendOperation(identifierType: "email", identifier: Secret("a"), redirectURI: "https://r")
        let actual: Meaning?
        switch request.output(of: refusal(status, body)) {
        case .success(.withheld(let reason)): actual = .withheld(reason)
        case .success(.sent): actual = nil
        case .failure(let failure): actual = .failure(failure.kind)
        }
        #expect(actual == meaning)
    }

    @Test(
        arguments: [
            (400, #"{"error_code":"auth_invalid_credentials"}"#, .wrongCredentials),
            (400, #"{"error_code":"auth_otp_passcode_expired"}"#, .expired),
            (403, #"{"error_code":"auth_otp_invalid_request_id"}"#, .wrongRequestID),
            (403, #"{"error_code":"auth_locked"}"#, .locked), (404, #"{"error_code":"user_not_found"}"#, .unknownUser),
            (400, #"{"error_code":"400","message":"Invalid magic link code"}"#, .wrongCredentials),
            (400, #"{"error_code":"400","message":"User not found"}"#, .unknownUser),
        ] as [(Int, String, DenialReason)]
    )
    func `a refused code or link is denied`(status: Int, body: String, reason: DenialReason) {
        let link = LinkAuthenticateOperation(code: Secret("c"))
        let code = OTPAuthenticateOperation(passcode: Secret("1"), identifierType: "email", identifier: Secret("a"))
        for result in [link.output(of: refusal(status, body)), code.output(of: refusal(status, body))] {
            guard case .success(.denied(let actual)) = result else {
                Issue.record("not denied: \(result)")
                continue
            }
            #expect(actual == reason)
        }
    }

    @Test func `a dead session is no wrong code`() {
        var link = LinkAuthenticateOperation(code: Secret("c"))
        link.options.sessionID = Secret("s")
        let answer = refusal(400, #"{"error_code":"400","message":"Session not found"}"#)
        #expect(link.output(of: answer).failure?.kind == .invalidToken)
    }
}
