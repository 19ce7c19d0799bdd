import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import MosaicAPI

/// What leaves the agent for E6 to E13, and what a success answer is taken for.
@Suite(.longTimeLimit)
struct `The requests of password resets` {
    static let identifier = "+1 (617)/é\"@x"
    static let escaped = #"+1 (617)/é\"@x"#

    static func request(_ kind: PasswordAuthenticateOperation.UsernameType, options: Bool = false) -> ResetRequest {
        var request = ResetRequest(kind: kind, identifier: Secret(identifier))
        if options {
            request.previousResetToken = Secret("first")
            request.ignoresMFA = true
        }
        return request
    }

    private func content() throws -> JSONText {
        try JSONText(parsing: Array(#"{"subject": "S"}"#.utf8), maximumDepth: 16)
    }

    /// Carries an operation out and checks what arrived.
    private func expect<Operation: APIOperation>(
        _ operation: Operation,
        answer: String = #"{"message":"done"}"#,
        path: String,
        hasBearer: Bool = true,
        body: String,
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> Operation.Output? {
        let (result, calls) = try await RecordingMosaic.carryOut(operation, answer: 200, answer)
        let call = try #require(calls.first, sourceLocation: location)
        #expect(calls.count == 1, sourceLocation: location)
        #expect(call.line == "POST /cis/v1/auth/password/reset\(path)", sourceLocation: location)
        #expect(call.headers["authorization"] == (hasBearer ? "Bearer t1" : nil), sourceLocation: location)
        #expect(call.headers["content-type"] == "application/json", sourceLocation: location)
        #expect(call.body == body, sourceLocation: location)
        #expect(result.failure == nil, sourceLocation: location)
        return result.value
    }

    @Test func `E6 mails a link, with and without the options`() async throws {
        _ = try await expect(
            ResetSendEmailLinkOperation(Self.request(.email), redirectURI: "https://app/reset"),
            path: "/email/link",
            body: #"{"email":"\#(Self.escaped)","redirect_uri":"https://app/reset"}"#
        )
        var full = ResetSendEmailLinkOperation(Self.request(.username, options: true), redirectURI: "https://app/reset")
        full.emailContent = try content()
        #expect(full.target == UpstreamTarget(Secret(Self.identifier)))
        _ = try await expect(
            full,
            path: "/email/link",
            body: #"{"username":"\#(Self.escaped)","prev_reset_token":"first","ignore_mfa":true,"#
                + #""redirect_uri":"https://app/reset","email_content":{"subject": "S"}}"#
        )
    }

    @Test func `E7 brings the link`() async throws {
        let decision = try await expect(
            ResetCreateLinkOperation(Self.request(.email, options: true), redirectURI: "https://app/reset"),
            answer: #"{"reset_link":"https://mosaic/r?code=1"}"#,
            path: "/link",
            body: #"{"email":"\#(Self.escaped)","prev_reset_token":"first","ignore_mfa":true,"#
                + #""redirect_uri":"https://app/reset"}"#
        )
        guard case .sent(let link) = decision else {
            Issue.record("no link")
            return
        }
        #expect(link == Secret("https://mosaic/r?code=1"))
    }

    @Test func `E8 and E10 send a code to the address that names the user`() async throws {
        var mail = ResetSendOTPOperation<EmailResetChannel>(Self.request(.email, options: true))
        mail.emailContent = try content()
        _ = try await expect(
            mail,
            path: "/email/otp",
            body: #"{"email":"\#(Self.escaped)","prev_reset_token":"first","ignore_mfa":true,"#
                + #""email_content":{"subject": "S"}}"#
        )
        _ = try await expect(
            ResetSendOTPOperation<SMSResetChannel>(Self.request(.phoneNumber)),
            path: "/sms/otp",
            body: #"{"phone_number":"\#(Self.escaped)"}"#
        )
    }

    /// Tokens with the payloads `{"mfa_required":true}`, `{"mfa_required":false}` and `{}`, and one that cannot be read.
    static let tokens: [(String, Bool?)] = [
        ("e30.eyJtZmFfcmVxdWlyZWQiOnRydWV9.c2ln", true), ("e30.eyJtZmFfcmVxdWlyZWQiOmZhbHNlfQ.c2ln", false),
        ("e30.e30.c2ln", false), ("opaque", nil), ("e30.x.iv.text.tag", nil), ("e30.WzFd.c2ln", nil),
    ]

    @Test(arguments: tokens)
    func `E9, E11 and E12 bring a reset token that tells whether a second factor is missing`(
        token: String,
        requiresMFA: Bool?
    ) async throws {
        let answer = #"{"result":"\#(token)"}"#
        let expected = ResetToken(value: Secret(token), requiresMFA: requiresMFA)
        let decisions = [
            try await expect(
                ResetVerifyOTPOperation<EmailResetChannel>(
                    kind: .email,
                    identifier: Secret(Self.identifier),
                    passcode: Secret("012345")
                ),
                answer: answer,
                path: "/email/otp/validate",
                body: #"{"email":"\#(Self.escaped)","passcode":"012345"}"#
            ),
            try await expect(
                ResetVerifyOTPOperation<SMSResetChannel>(
                    kind: .phoneNumber,
                    identifier: Secret(Self.identifier),
                    passcode: Secret("012345")
                ),
                answer: answer,
                path: "/sms/otp/validate",
                body: #"{"phone_number":"\#(Self.escaped)","passcode":"012345"}"#
            ),
            try await expect(
                ResetVerifyPasswordOperation(
                    kind: .username,
                    identifier: Secret(Self.identifier),
                    password: Secret("old\n"),
                    clientID: "client.example",
                    previousResetToken: Secret("first")
                ),
                answer: answer,
                path: "/password/validate",
                hasBearer: false,
                body: #"{"username":"\#(Self.escaped)","password":"old\n","client_id":"client.example","#
                    + #""prev_reset_token":"first"}"#
            ),
        ]
        for decision in decisions {
            guard case .granted(let granted) = decision else {
                Issue.record("not granted")
                continue
            }
            #expect(granted == expected)
        }
    }

    @Test func `E13 spends the token without a bearer, and what it answers is optional`() async throws {
        let short = ResetCompleteOperation(resetToken: Secret("rt"), newPassword: Secret("new"))
        let empty = try await expect(
            short,
            answer: "{}",
            path: "",
            hasBearer: false,
            body: #"{"reset_token":"rt","new_password":"new"}"#
        )
        #expect(empty == ResetCompleteOperation.Receipt())
        var full = short
        full.redirectURI = "https://app/in"
        full.resource = "https://api"
        full.requireMFA = false
        let receipt = try await expect(
            full,
            answer: #"{"message":"Password changed","url":"https://mosaic/go","email":"ada@example.com"}"#,
            path: "",
            hasBearer: false,
            body: #"{"reset_token":"rt","new_password":"new","redirect_uri":"https://app/in","#
                + #""resource":"https://api","require_mfa":false}"#
        )
        #expect(
            receipt
                == ResetCompleteOperation.Receipt(
                    message: "Password changed",
                    url: Secret("https://mosaic/go"),
                    email: "ada@example.com"
                )
        )
    }

    @Test(arguments: ["", "<html>", "[]", "1"])
    func `a success answer that is no object breaks the contract`(body: String) {
        let response = UpstreamResponse(200, body)
        let request = Self.request(.email)
        #expect(ResetSendEmailLinkOperation(request, redirectURI: "r").output(of: response) == nil)
        #expect(ResetCreateLinkOperation(request, redirectURI: "r").output(of: response) == nil)
        #expect(ResetSendOTPOperation<SMSResetChannel>(request).output(of: response) == nil)
        #expect(ResetToken(parsing: response.body) == nil)
        let completion = ResetCompleteOperation(resetToken: Secret("rt"), newPassword: Secret("new"))
        #expect(completion.output(of: response) == nil)
    }

    @Test(arguments: ["{}", #"{"reset_link":""}"#, #"{"reset_link":1,"result":{}}"#, #"{"result":""}"#])
    func `an answer without what was asked for breaks the contract`(body: String) {
        let response = UpstreamResponse(200, body)
        #expect(ResetCreateLinkOperation(Self.request(.email), redirectURI: "r").output(of: response) == nil)
        #expect(ResetToken(parsing: response.body) == nil)
    }
}
