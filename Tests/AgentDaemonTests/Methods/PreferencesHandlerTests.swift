import MosaicAPI
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct `The handlers of login preferences` {
    private static let methods = #"{"password":{"passwordMinLength": 8}}"#

    private func answering() throws -> FakeMosaicService {
        FakeMosaicService(
            .output(ForwardedObject(json: try JSONText(parsing: Array(Self.methods.utf8), maximumDepth: 16)))
        )
    }

    @Test func `read the preferences of the client's own application unless another is named`() async throws {
        let service = try answering()
        try await DispatcherFixture.with(service, rights: ["preferences"]) { fixture in
            let own = try await fixture.send(Line.method("preferences.get"))
            #expect(own.result?.rawText.description == #"{"app_id":"app-of-token","auth_methods":\#(Self.methods)}"#)
            #expect(own.records.count == 1 && own.records.first?.upstreamStatus == FakeMosaicService.answerStatus)
            let named = try await fixture.send(Line.method("preferences.get", params: #"{"app_id":"x"}"#))
            #expect(named.result?["app_id"]?.string == "x")
        }
        #expect(service.operations.compactMap { ($0 as? PreferencesGetOperation)?.appID } == ["app-of-token", "x"])
    }

    @Test func `send each given method as the same text`() async throws {
        let service = try answering()
        try await DispatcherFixture.with(service, rights: ["preferences"]) { fixture in
            let params = #"{"sms":{ "codeLength":6 },"google":{"s":1}}"#
            let outcome = try await fixture.send(Line.method("preferences.update", params: params))
            #expect(outcome.result?["app_id"]?.string == "app-of-token")
        }
        let change = try #require(service.operations.first as? PreferencesUpdateOperation)
        #expect(change.appID == "app-of-token")
        #expect(change.methods.map { "\($0.name)=\($0.settings)" } == [#"sms={ "codeLength":6 }"#, #"google={"s":1}"#])
    }

    @Test func `say so when the token does not name the application, before anything is sent`() async throws {
        let service = try answering()
        service.answerApplicationID(.success(nil))
        try await DispatcherFixture.with(service, rights: ["preferences"]) { fixture in
            for line in [
                Line.method("preferences.get"), Line.method("preferences.update", params: #"{"sms":{}}"#),
            ] {
                let outcome = try await fixture.send(line)
                #expect(outcome.kind == "invalid_params" && outcome.data?["param"]?.string == "app_id")
                #expect(outcome.data?["outcome"]?.string == "not_sent")
            }
        }
        #expect(service.operations.isEmpty)
    }

    @Test(arguments: [("preferences.get", "{}"), ("preferences.update", #"{"sms":{}}"#)])
    func `need the right of their own`(method: String, params: String) async throws {
        let service = try answering()
        try await DispatcherFixture.with(service, rights: ["login"]) { fixture in
            let outcome = try await fixture.send(Line.method(method, params: params))
            #expect(outcome.kind == "forbidden")
        }
        #expect(service.operations.isEmpty)
    }

    @Test(arguments: [
        (APIFailure.Kind.notFound, "not_found"), (.invalidInput, "invalid_params"), (.forbidden, "upstream_forbidden"),
        (.unavailable, "upstream_unavailable"), (.rateLimited, "upstream_rate_limited"),
    ])
    func `pass on what Mosaic refuses, with the outcome`(kind: APIFailure.Kind, name: String) async throws {
        let service = FakeMosaicService(.failAfterSending(APIFailure(kind, outcome: .unknown)))
        try await DispatcherFixture.with(service, rights: ["preferences"]) { fixture in
            let outcome = try await fixture.send(Line.method("preferences.update", params: #"{"sms":{}}"#))
            #expect(outcome.kind == name && outcome.data?["outcome"]?.string == "unknown")
        }
    }
}
