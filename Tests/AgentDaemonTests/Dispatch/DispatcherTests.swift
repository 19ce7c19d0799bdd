import AgentProtocol
import InMemoryLogging
import Logging
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

@Suite(.longTimeLimit) struct DispatcherTests {
    static let tokens = UserTokens(
        accessToken: Secret(copying: "canary-access-token".utf8),
        tokenType: "Bearer",
        expiresIn: 3600,
        sessionID: Secret(copying: "canary-session".utf8),
        idToken: nil,
        refreshToken: nil,
        userID: "u1",
        authenticationMethods: ["pwd"]
    )

    @Test func `a right password gets its tokens and one record`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.answer(.granted(Self.tokens)))) { fixture in
            let outcome = try await fixture.send(Line.login(extra: #","meta":{"trace_id":"t-1"}"#))
            #expect(outcome.result?["verdict"]?.string == "granted")
            #expect(outcome.result?["access_token"]?.string == "canary-access-token")
            #expect(outcome.result?["session_id"]?.string == "canary-session")
            #expect(outcome.result?["user_id"]?.string == "u1")
            let record = try #require(outcome.records.first)
            #expect(outcome.records.count == 1)
            #expect(record.event == .granted)
            #expect(record.verdict == "granted")
            #expect(record.client == "default")
            #expect(record.rule == "plain")
            #expect(record.callerUID == 1000)
            #expect(record.callerPID == 77)
            #expect(record.traceID == "t-1")
            #expect(record.upstreamStatus == FakeMosaicService.answerStatus)
            #expect(record.target?.utf8.count == 32)
            #expect(record.delivered)
        }
    }

    @Test func `of the agent's own probe, pings leave no record, and everything else does`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.answer(.granted(Self.tokens)))) { fixture in
            for (line, records) in [(Line.method("system.ping"), 0), (Line.login(), 1), (Line.method("nosuch"), 1)] {
                let call = try fixture.call(line, isProbe: true)
                let outcome = try await fixture.outcome(of: fixture.dispatcher.dispatch(call))
                #expect(outcome.records.count == records, "\(line)")
            }
        }
    }

    @Test func `the request reaches Mosaic as it was sent`() async throws {
        let service = FakeMosaicService(.answer(.denied(.wrongCredentials)))
        try await DispatcherFixture.with(service) { fixture in
            let extra =
                #","username_type":"email","session_id":"s","org_id":"o","resource":"https://r","claims":{"id_token": {"email":null}},"#
                + #""client_attributes":{"user_agent":"UA","ip_address":"192.0.2.1"}"#
            _ = try await fixture.send(Line.login(username: "a@b.example", password: " p\\u00e9 ", extra: extra))
            let request = try #require(service.requests.first)
            #expect(request.username == Secret(copying: "a@b.example".utf8))
            #expect(request.password == Secret(copying: " p\u{e9} ".utf8))
            #expect(request.usernameType == .email)
            #expect(request.sessionID == Secret(copying: "s".utf8))
            #expect(request.organizationID == "o")
            #expect(request.resource == "https://r")
            #expect(request.claims?.description == #"{"id_token": {"email":null}}"#)
            #expect(request.clientAttributes?.userAgent == "UA")
            #expect(request.clientAttributes?.ipAddress == "192.0.2.1")
        }
    }

    @Test func `every denied has the same bytes whatever the reason`() async throws {
        var lines: Set<String> = []
        var reasons: Set<String> = []
        for reason in DenialReason.allCases {
            try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(reason)))) { fixture in
                let outcome = try await fixture.send(Line.login())
                lines.insert(outcome.line)
                #expect(outcome.records.map(\.event) == [.denied])
                reasons.formUnion(outcome.records.compactMap(\.reason))
            }
        }
        #expect(lines == [#"{"jsonrpc":"2.0","id":1,"result":{"verdict":"denied"}}"#])
        #expect(reasons == Set(DenialReason.allCases.map(\.rawValue)))
    }

    @Test(arguments: DenialReason.allCases)
    func `a caller with details learns why it was denied`(reason: DenialReason) async throws {
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(reason)))) { fixture in
            let outcome = try await fixture.send(Line.login(), uid: DispatcherFixture.detailsUID)
            #expect(outcome.result?["reason"]?.string == reason.rawValue)
            #expect(outcome.records.map(\.rule) == ["nosy"])
        }
    }

    @Test func `a password to be changed says why and hands on the reset token`() async throws {
        let step = FakeMosaicService.Step.answer(
            .passwordChangeRequired(.temporary, resetToken: Secret(copying: "reset".utf8))
        )
        try await DispatcherFixture.with(FakeMosaicService(step)) { fixture in
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.result?["verdict"]?.string == "password_change_required")
            #expect(outcome.result?["cause"]?.string == "temporary")
            #expect(outcome.result?["reset_token"]?.string == "reset")
            #expect(outcome.records.map(\.event) == [.passwordChangeRequired])
            #expect(outcome.records.map(\.reason) == ["temporary"])
        }
    }

    @Test func `tokens without a session break Mosaic's contract`() async throws {
        let tokens = UserTokens(
            accessToken: Secret(copying: "a".utf8),
            tokenType: "Bearer",
            expiresIn: 1,
            sessionID: nil,
            idToken: nil,
            refreshToken: nil,
            userID: nil,
            authenticationMethods: nil
        )
        try await DispatcherFixture.with(FakeMosaicService(.answer(.granted(tokens)))) { fixture in
            let outcome = try await fixture.send(Line.login())
            #expect(outcome.kind == "upstream_protocol")
            #expect(outcome.data?["outcome"]?.string == "unknown")
        }
    }

    struct Rejection: Sendable, CustomTestStringConvertible {
        var line: String
        var uid = DispatcherFixture.plainUID
        var socket = SocketKind.main
        var kind: String
        var reason: String?
        var parameter: String?
        var outcome: String?

        var testDescription: String { "\(line) by \(uid): \(kind)" }
    }

    @Test(arguments: [
        Rejection(line: Line.method("no.such"), kind: "method_not_found"),
        Rejection(line: Line.method("daemon.status"), kind: "method_not_found"),
        Rejection(line: Line.login(), socket: .control, kind: "method_not_found"),
        Rejection(
            line: Line.login(),
            uid: DispatcherFixture.strangerUID,
            kind: "forbidden",
            reason: "no_rule_for_caller",
            outcome: "not_sent"
        ),
        Rejection(
            line: Line.method("password.authenticate", params: "[]"),
            uid: DispatcherFixture.strangerUID,
            kind: "forbidden",
            reason: "no_rule_for_caller",
            outcome: "not_sent"
        ),
        Rejection(
            line: Line.login(extra: #","meta":{"client":"other"}"#),
            kind: "forbidden",
            reason: "client_not_allowed",
            outcome: "not_sent"
        ),
        Rejection(
            line: Line.method("password.authenticate", params: #"{"username":"alice"}"#),
            kind: "invalid_params",
            parameter: "password",
            outcome: "not_sent"
        ),
        Rejection(
            line: Line.login(extra: #","meta":{"deadline_ms":0}"#),
            kind: "invalid_params",
            parameter: "meta.deadline_ms",
            outcome: "not_sent"
        ),
        Rejection(
            line: Line.method("password.authenticate", params: "[]"),
            kind: "invalid_params",
            outcome: "not_sent"
        ),
        Rejection(
            line: Line.method("daemon.refresh_token", params: #"{"client":"nobody"}"#),
            uid: 0,
            socket: .control,
            kind: "invalid_params",
            parameter: "client",
            outcome: "not_sent"
        ),
    ])
    func `a call that must not run is refused before it acts, with one record`(refusal: Rejection) async throws {
        let service = FakeMosaicService(.answer(.granted(Self.tokens)))
        try await DispatcherFixture.with(service) { fixture in
            let outcome = try await fixture.send(refusal.line, on: refusal.socket, uid: refusal.uid)
            #expect(outcome.kind == refusal.kind)
            #expect(outcome.data?["param"]?.string == refusal.parameter)
            #expect(outcome.data?["outcome"]?.string == refusal.outcome)
            #expect(outcome.data?["call_id"]?.string == outcome.records.first?.callID)
            #expect(outcome.records.count == 1)
            #expect(outcome.records.first?.verdict == "error")
            #expect(outcome.records.first?.error == refusal.kind)
            #expect(outcome.records.first?.reason == refusal.reason)
            #expect(outcome.records.first?.event == (refusal.kind == "forbidden" ? .forbidden : .failed))
            #expect(service.requests.isEmpty)
        }
    }

    @Test func `an error nobody foresaw is internal, logged by its call id and nothing of it told`() async throws {
        struct Leaky: Error, CustomStringConvertible {
            let description = "canary-in-an-error"
        }
        try await DispatcherFixture.with(
            FakeMosaicService(.hang),
            configure: { $0.on(SystemPing.self) { _, _ in throw Leaky() } },
            { fixture in
                let outcome = try await fixture.send(Line.method("system.ping"))
                #expect(outcome.kind == "internal")
                #expect(outcome.json["error"]?["code"]?.integer == -32603)
                let callID = try #require(outcome.data?["call_id"]?.string)
                let entry = try #require(fixture.log.entries.first { $0.level == .error })
                #expect(entry.metadata["call_id"]?.description == "\(callID)")
                #expect(outcome.records.map(\.callID) == [callID])
                let everything = outcome.line + "\(fixture.log.entries)" + "\(fixture.sink.entries)"
                #expect(!everything.contains("canary"))
            }
        )
    }

    @Test func `a result longer than an answer may be is an error`() async throws {
        let document = JSONText { writer in
            writer.string(String(repeating: "x", count: ProtocolLimits.maximumResultBytes))
        }
        try await DispatcherFixture.with(
            FakeMosaicService(.hang),
            configure: {
                $0.on(RPCDiscover.self, socket: .main) { _, _ in Reply(RPCDiscover.Result(document: document)) }
            },
            { fixture in
                let outcome = try await fixture.send(Line.method("rpc.discover"))
                #expect(outcome.kind == "result_too_large")
                #expect(outcome.records.count == 1)
            }
        )
    }

    @Test func `above the limit of calls at once further ones are refused, and served again later`() async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service, maximumCalls: 1) { fixture in
            let first = try fixture.call(Line.login())
            async let answer = first.control.run(on: nil) { await fixture.dispatcher.dispatch(first) }
            await service.untilHanging()
            let refused = try await fixture.send(Line.method("system.ping"))
            #expect(refused.kind == "overloaded")
            #expect(refused.data?["retryable"]?.boolean == true)
            #expect(refused.records.count == 1)
            first.control.end(.cancelled)
            _ = try await fixture.outcome(of: await answer)
            let served = try await fixture.send(Line.method("system.ping"))
            #expect(served.result != nil)
        }
    }
}
