import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

@Suite(.longTimeLimit) struct OneTimeLoginHandlerTests {
    typealias Codes = SendDecision<OTPSendOperation.Receipt>
    typealias Links = SendDecision<LinkSendOperation.Receipt>

    static let code =
        #"{"channel":"sms","identifier_type":"user_id","identifier":"u","generate_request_id":true,"#
        + #""approval_data":{ "sum":"1" }}"#
    static let link = #"{"identifier_type":"username","identifier":"u","redirect_uri":"https://a"}"#

    @Test(arguments: WithholdingReason.allCases)
    func `whoever cannot get a code gets the same answer as who can`(reason: WithholdingReason) async throws {
        let service = FakeMosaicService(.output(Codes.sent(.init(requestID: RandomRequestID.make()))))
        try await DispatcherFixture.with(service) { fixture in
            let known = try await fixture.send(Line.method("otp.send", params: Self.code))
            service.become(.output(Codes.withheld(reason)))
            let unknown = try await fixture.send(Line.method("otp.send", params: Self.code))
            let other = try await fixture.send(Line.method("otp.send", params: Self.code))
            func masked(_ outcome: DispatcherFixture.Outcome) throws -> String {
                let id = try #require(outcome.result?["request_id"]?.string)
                #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
                return outcome.line.replacing(id, with: "ID")
            }
            let expected =
                #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"accepted","request_id":"ID","approval_data":{ "sum":"1" }}}"#
            #expect(try [known, unknown, other].map(masked) == [expected, expected, expected])
            #expect(unknown.line != other.line)
            #expect(known.records.map(\.reason) == [nil])
            #expect(unknown.records.map(\.reason) == [reason.rawValue])
            #expect(unknown.records.map(\.verdict) == ["accepted"])
            let nosy = try await fixture.send(
                Line.method("otp.send", params: Self.code),
                uid: DispatcherFixture.detailsUID
            )
            #expect(nosy.result?["reason"]?.string == reason.rawValue)
        }
    }

    @Test func `accepted waits for the release grid`() async throws {
        let service = FakeMosaicService(.output(Links.withheld(.unknownUser)))
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        try await DispatcherFixture.with(service, grid: grid) { fixture in
            let call = try fixture.call(Line.method("link.send", params: Self.link))
            async let answer = fixture.dispatcher.dispatch(call)
            let released = await fixture.clock.nextTimerScheduled()
            #expect(released == call.arrival + .milliseconds(400))
            fixture.clock.advance(to: released)
            #expect(String(decoding: await answer.line, as: UTF8.self).hasSuffix(#""result":{"verdict":"accepted"}}"#))
        }
    }

    @Test func `a code in the answer needs its right`() async throws {
        let service = FakeMosaicService(.output(Codes.sent(.init(code: Secret(copying: "123456".utf8)))))
        try await DispatcherFixture.with(service) { fixture in
            for params in [
                #"{"channel":"direct","identifier_type":"username","identifier":"u"}"#,
                #"{"channel":"email","identifier_type":"username","identifier":"u","custom_email":"x"}"#,
                #"{"channel":"email","identifier_type":"username","identifier":"u","email_content":{"subject":"s"}}"#,
            ] {
                let outcome = try await fixture.send(Line.method("otp.send", params: params))
                #expect(outcome.kind == "forbidden")
                #expect(outcome.records.map(\.reason) == ["field_not_allowed"])
            }
            #expect(service.operations.isEmpty)
        }
    }

    @Test func `logins with codes and links are granted or denied`() async throws {
        let tokens = try #require(
            UserTokens(
                parsing: Array(#"{"access_token":"a","token_type":"Bearer","expires_in":60,"session_id":"s"}"#.utf8),
                requiresSession: true
            )
        )
        let code =
            #"{"passcode":"012345","identifier_type":"email","identifier":"a@b","request_id":"r","session_id":"s"}"#
        let service = FakeMosaicService(.output(AuthenticationDecision.granted(tokens)))
        try await DispatcherFixture.with(service) { fixture in
            for (method, params) in [("otp.authenticate", code), ("link.authenticate", #"{"code":"c"}"#)] {
                service.become(.output(AuthenticationDecision.granted(tokens)))
                let granted = try await fixture.send(Line.method(method, params: params))
                #expect(granted.result?["verdict"]?.string == "granted")
                #expect(granted.result?["session_id"]?.string == "s")
                service.become(.output(AuthenticationDecision.denied(.expired)))
                let denied = try await fixture.send(Line.method(method, params: params))
                #expect(denied.line == #"{"jsonrpc":"2.0","id":1,"result":{"verdict":"denied"}}"#)
                #expect(denied.records.map(\.reason) == ["expired"])
                let nosy = try await fixture.send(
                    Line.method(method, params: params),
                    uid: DispatcherFixture.detailsUID
                )
                #expect(nosy.result?["reason"]?.string == "expired")
            }
            let asked = try #require(service.operations.first as? OTPAuthenticateOperation)
            #expect(asked.passcode == Secret(copying: "012345".utf8))
            #expect(asked.identifierType == "email")
            #expect(asked.options.requestID == "r")
        }
    }

    @Test func `of a direct send the caller learns that there is nobody`() {
        #expect(throws: CallFailure.self) { try Codes.withheld(.unknownUser).receipt(status: nil) }
        let failure = #expect(throws: CallFailure.self) { try Links.withheld(.notActive).receipt(status: 403) }
        #expect(failure?.kind == .notFound)
        #expect(failure?.reason == "not_active")
        #expect(failure?.upstream == ProtocolError.Upstream(status: 403))
    }
}
