import AgentProtocol
import FoundationEssentials
import InMemoryLogging
import Logging
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Plants a secret in every sensitive place and looks for it wherever the agent writes.
@Suite(.longTimeLimit) struct SecretLeakTests {
    static let steps: [FakeMosaicService.Step] = [
        .answer(.granted(DispatcherTests.tokens)),
        .answer(.denied(.unknownUser)),
        .answer(.passwordChangeRequired(.expired, resetToken: Secret(copying: "canary-reset".utf8))),
        .failAfterSending(UpstreamFailureTests.answered),
        .failBeforeSending(APIFailure(.unavailable, outcome: .notSent, transport: .connect)),
    ]

    @Test(arguments: steps.indices, [DispatcherFixture.plainUID, DispatcherFixture.detailsUID])
    func `no secret and no identifier is written anywhere`(step: Int, uid: UInt32) async throws {
        try await DispatcherFixture.with(FakeMosaicService(Self.steps[step])) { fixture in
            let line = Line.login(
                username: "canary-user",
                password: "canary-password",
                extra: #","session_id":"canary-given-session""#
            )
            let outcome = try await fixture.send(line, uid: uid)
            let bad = try await fixture.send(
                Line.login(username: "canary-user", password: "canary-password", extra: #","org_id":17"#),
                uid: uid
            )
            var trail = ""
            for entry in fixture.sink.entries {
                trail += String(decoding: StreamAuditSink.line(of: entry, at: "now"), as: UTF8.self)
                trail += String(reflecting: entry)
            }
            #expect(fixture.sink.entries.count == 2)
            #expect(!trail.contains("canary"))
            #expect(!"\(fixture.log.entries)".contains("canary"))
            #expect(!bad.line.contains("canary"))
            // What the caller gets back is Mosaic's, never what it sent.
            #expect(!outcome.line.contains("canary-password"))
            #expect(!outcome.line.contains("canary-user"))
            #expect(!outcome.line.contains("canary-given-session"))
        }
    }

    @Test func `a call's values print nothing of what they hold`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.hang)) { fixture in
            let call = try fixture.call(Line.login(password: "canary-password"))
            let parameters = try PasswordAuthenticate.parameters(of: call.request)
            var dumped = ""
            dump(parameters, to: &dumped)
            #expect(!dumped.contains("canary"))
            #expect(!String(reflecting: parameters).contains("canary"))
        }
    }
}
