import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

@Suite(.longTimeLimit) struct ResetHandlerTests {
    static let sends: [(String, String)] = [
        ("reset.send_email_link", #"{"username":"ada","redirect_uri":"https://a"}"#),
        ("reset.send_email_otp", #"{"email":"a@b"}"#), ("reset.send_sms_otp", #"{"phone_number":"+1"}"#),
    ]
    static let checks: [(String, String)] = [
        ("reset.verify_email_otp", #"{"email":"a@b","passcode":"012345"}"#),
        ("reset.verify_sms_otp", #"{"phone_number":"+1","passcode":"012345"}"#),
        ("reset.verify_password", #"{"phone_number":"+1","password":"p","prev_reset_token":"first"}"#),
    ]

    @Test(arguments: sends)
    func `a send tells nobody but the curious whether there is a user`(method: String, params: String) async throws {
        let service = FakeMosaicService(.output(SendDecision<Void>.sent(())))
        try await DispatcherFixture.with(service) { fixture in
            let known = try await fixture.send(Line.method(method, params: params))
            #expect(known.line == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"accepted"}}"#)
            for reason in WithholdingReason.allCases {
                service.become(.output(SendDecision<Void>.withheld(reason)))
                let unknown = try await fixture.send(Line.method(method, params: params))
                #expect(unknown.line == known.line)
                #expect(unknown.records.map(\.reason) == [reason.rawValue])
                let nosy = try await fixture.send(
                    Line.method(method, params: params),
                    uid: DispatcherFixture.detailsUID
                )
                #expect(nosy.result?["reason"]?.string == reason.rawValue)
            }
        }
    }

    @Test(arguments: checks)
    func `a factor brings a token or is denied`(method: String, params: String) async throws {
        let token = ResetToken(value: Secret(copying: "rt".utf8), requiresMFA: true)
        let service = FakeMosaicService(.output(ResetDecision.granted(token)))
        try await DispatcherFixture.with(service) { fixture in
            let granted = try await fixture.send(Line.method(method, params: params))
            #expect(
                granted.line
                    == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"granted","reset_token":"rt","mfa_required":true}}"#
            )
            #expect(granted.records.map(\.reason) == ["mfa_required"])
            for reason in DenialReason.allCases {
                service.become(.output(ResetDecision.denied(reason)))
                let denied = try await fixture.send(Line.method(method, params: params))
                #expect(denied.line == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"denied"}}"#)
                #expect(denied.records.map(\.reason) == [reason.rawValue])
                let nosy = try await fixture.send(
                    Line.method(method, params: params),
                    uid: DispatcherFixture.detailsUID
                )
                #expect(nosy.result?["reason"]?.string == reason.rawValue)
            }
        }
    }

    @Test func `a current password is checked for the agent's own client`() async throws {
        let service = FakeMosaicService(.output(ResetDecision.denied(.wrongCredentials)))
        try await DispatcherFixture.with(service) { fixture in
            _ = try await fixture.send(Line.method(Self.checks[2].0, params: Self.checks[2].1))
            let asked = try #require(service.operations.first as? ResetVerifyPasswordOperation)
            #expect(asked.clientID == "client-id")
            #expect(asked.kind == .phoneNumber)
            #expect(asked.previousResetToken == Secret(copying: "first".utf8))
        }
    }

    @Test func `a link in the answer needs its right and tells who exists`() async throws {
        let link = SendDecision.sent(Secret(copying: "https://m/r".utf8))
        let service = FakeMosaicService(.output(link))
        let line = Line.method("reset.create_link", params: #"{"email":"a@b","redirect_uri":"https://a"}"#)
        try await DispatcherFixture.with(service) { fixture in
            let outcome = try await fixture.send(line)
            #expect(outcome.kind == "forbidden")
            #expect(service.operations.isEmpty)
        }
        try await DispatcherFixture.with(service, rights: ["reset", "reset-direct"]) { fixture in
            let created = try await fixture.send(line, uid: DispatcherFixture.detailsUID)
            #expect(created.line == #"{"jsonrpc":"2.0","id":1,"result":{"reset_link":"https://m/r"}}"#)
            service.become(.output(SendDecision<Secret>.withheld(.unverifiedAddress)))
            let unknown = try await fixture.send(line, uid: DispatcherFixture.detailsUID)
            #expect(unknown.kind == "not_found")
            #expect(unknown.data?["outcome"]?.string == "refused")
            #expect(unknown.records.map(\.reason) == ["unverified_address"])
        }
    }

    @Test func `to ignore the second factor needs its right`() async throws {
        let service = FakeMosaicService(.output(SendDecision<Void>.sent(())))
        let line = Line.method("reset.send_sms_otp", params: #"{"phone_number":"+1","ignore_mfa":true}"#)
        try await DispatcherFixture.with(service) { fixture in
            let refused = try await fixture.send(line)
            #expect(refused.kind == "forbidden")
            #expect(refused.records.map(\.reason) == ["field_not_allowed"])
        }
        try await DispatcherFixture.with(service, rights: ["reset", "reset-ignore-mfa"]) { fixture in
            let allowed = try await fixture.send(line, uid: DispatcherFixture.detailsUID)
            #expect(allowed.result?["verdict"]?.string == "accepted")
            let asked = try #require(service.operations.first as? ResetSendOTPOperation<SMSResetChannel>)
            #expect(asked.request.ignoresMFA == true)
        }
    }

    @Test func `a new password is set, or rejected with Mosaic's reasons`() async throws {
        let service = FakeMosaicService(
            .output(
                ResetCompleteOperation.Receipt(message: "ok", url: Secret(copying: "https://m/go".utf8), email: "a@b")
            )
        )
        let line = Line.method("reset.complete", params: #"{"reset_token":"rt","new_password":"n","require_mfa":true}"#)
        try await DispatcherFixture.with(service) { fixture in
            let done = try await fixture.send(line)
            #expect(
                done.line == #"{"jsonrpc":"2.0","id":1,"result":{"message":"ok","url":"https://m/go","email":"a@b"}}"#
            )
            let asked = try #require(service.operations.first as? ResetCompleteOperation)
            #expect(asked.requireMFA == true && asked.redirectURI == nil)
            let refusal = UpstreamError(
                UpstreamResponse(
                    status: 400,
                    body: Array(#"{"error_code":400,"message":["Too short","Known"]}"#.utf8)
                ),
                wallClock: 0
            )
            service.become(.failAfterSending(ResetCompleteErrorMapping.failure(refusal)))
            let rejected = try await fixture.send(line)
            #expect(rejected.kind == "password_rejected")
            #expect(rejected.data?["violations"]?.elements?.map { $0["message"]?.string } == ["Too short", "Known"])
            service.become(.failAfterSending(APIFailure(.invalidToken, outcome: .answered)))
            let spent = try await fixture.send(line)
            #expect(spent.json["error"]?["code"]?.integer == 1205)
        }
    }
}
