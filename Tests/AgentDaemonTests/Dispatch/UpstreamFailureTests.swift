import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Each failure of the Mosaic client, as the caller of the socket sees it.
@Suite(.longTimeLimit) struct UpstreamFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var failure: APIFailure
        var code: Int64
        var kind: String
        var retryable: Bool
        var outcome: String
        var retryAfter: Int64?

        var testDescription: String { "\(failure) is \(code) \(kind)" }
    }

    @Test(arguments: [
        Row(
            failure: APIFailure(.unavailable, outcome: .notSent, transport: .connect),
            code: 1101,
            kind: "upstream_unavailable",
            retryable: true,
            outcome: "not_sent"
        ),
        Row(
            failure: APIFailure(.unavailable, outcome: .unknown, transport: .reset),
            code: 1101,
            kind: "upstream_unavailable",
            retryable: false,
            outcome: "unknown"
        ),
        // A bearer token was refused and no other could be had: nothing was done, so it may be sent again.
        Row(
            failure: APIFailure(.unavailable, outcome: .refused),
            code: 1101,
            kind: "upstream_unavailable",
            retryable: true,
            outcome: "refused"
        ),
        Row(
            failure: APIFailure(.unavailable, outcome: .answered),
            code: 1101,
            kind: "upstream_unavailable",
            retryable: false,
            outcome: "unknown"
        ),
        Row(
            failure: APIFailure(.rateLimited, outcome: .refused, retryAfter: .milliseconds(1500)),
            code: 1102,
            kind: "upstream_rate_limited",
            retryable: true,
            outcome: "refused",
            retryAfter: 1500
        ),
        Row(
            failure: APIFailure(.credentialRejected, outcome: .notSent),
            code: 1103,
            kind: "credential_rejected",
            retryable: false,
            outcome: "not_sent"
        ),
        Row(
            failure: APIFailure(.protocolViolation, outcome: .answered),
            code: 1104,
            kind: "upstream_protocol",
            retryable: false,
            outcome: "unknown"
        ),
        Row(
            failure: APIFailure(.forbidden, outcome: .refused),
            code: 1105,
            kind: "upstream_forbidden",
            retryable: false,
            outcome: "refused"
        ),
        Row(
            failure: APIFailure(.notConfigured, outcome: .refused),
            code: 1204,
            kind: "not_configured",
            retryable: false,
            outcome: "refused"
        ),
        Row(
            failure: APIFailure(.invalidToken, outcome: .refused),
            code: 1205,
            kind: "invalid_token",
            retryable: false,
            outcome: "refused"
        ),
        Row(
            failure: APIFailure(.deadlineExceeded, outcome: .notSent),
            code: 1004,
            kind: "deadline_exceeded",
            retryable: true,
            outcome: "not_sent"
        ),
        Row(
            failure: APIFailure(.deadlineExceeded, outcome: .unknown),
            code: 1004,
            kind: "deadline_exceeded",
            retryable: false,
            outcome: "unknown"
        ),
        Row(
            failure: APIFailure(.shuttingDown, outcome: .notSent),
            code: 1005,
            kind: "shutting_down",
            retryable: true,
            outcome: "not_sent"
        ),
        // A cancelled task that nobody's ending explains: the agent is stopping.
        Row(
            failure: APIFailure(.cancelled, outcome: .unknown),
            code: 1005,
            kind: "shutting_down",
            retryable: false,
            outcome: "unknown"
        ),
    ])
    func `a failure has its code, kind and outcome`(row: Row) async throws {
        let step: FakeMosaicService.Step =
            row.failure.outcome == .notSent ? .failBeforeSending(row.failure) : .failAfterSending(row.failure)
        try await DispatcherFixture.with(FakeMosaicService(step)) { fixture in
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.json["error"]?["code"]?.integer == row.code)
            #expect(outcome.kind == row.kind)
            #expect(outcome.data?["retryable"]?.boolean == row.retryable)
            #expect(outcome.data?["outcome"]?.string == row.outcome)
            #expect(outcome.data?["retry_after_ms"]?.integer == row.retryAfter)
            #expect(outcome.data?["upstream"] == nil)
            #expect(outcome.records.map(\.error) == [row.kind])
            #expect(outcome.records.map(\.outcome) == [row.outcome])
        }
    }

    @Test func `every kind of failure has a row of the same name`() {
        for kind in APIFailure.Kind.allCases {
            #expect(CallFailure(APIFailure(kind, outcome: .notSent)).kind.name == kind.rawValue)
        }
    }

    @Test func `every cause of not_configured and conflict has words of its own, and a word in the record`() {
        var messages: Set<String> = []
        for cause in APIFailure.Cause.allCases {
            let failure = CallFailure(APIFailure(.notConfigured, outcome: .refused).with(cause: cause))
            messages.insert(failure.message)
            #expect(failure.reason == cause.rawValue)
        }
        #expect(messages.count == APIFailure.Cause.allCases.count)
        messages.insert(CallFailure(APIFailure(.notConfigured, outcome: .refused)).message)
        #expect(messages.count == APIFailure.Cause.allCases.count + 1)
    }

    static let answered = APIFailure(
        kind: .forbidden,
        outcome: .answered,
        status: 403,
        code: "some_code",
        legacyCode: nil,
        message: "canary-message",
        resetToken: Secret(copying: "canary-reset".utf8),
        retryAfter: nil,
        transport: nil
    )

    @Test func `what Mosaic answered is told to callers with details only, and always recorded`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.failAfterSending(Self.answered))) { fixture in
            let plain = try await fixture.send(Line.login())
            #expect(plain.data?["upstream"] == nil)
            #expect(plain.records.map(\.upstreamStatus) == [403])
            #expect(plain.records.map(\.reason) == ["some_code"])
            let detailed = try await fixture.send(Line.login(), uid: DispatcherFixture.detailsUID)
            #expect(detailed.data?["upstream"]?["status"]?.integer == 403)
            #expect(detailed.data?["upstream"]?["code"]?.string == "some_code")
            #expect(!(plain.line + detailed.line).contains("canary"))
        }
    }
}
