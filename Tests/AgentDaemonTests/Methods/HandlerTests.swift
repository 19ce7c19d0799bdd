import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

@Suite(.longTimeLimit) struct HandlerTests {
    @Test func `hello tells a caller its rights, a stranger that it has none`() async throws {
        let service = FakeMosaicService(.hang, isEmulated: true)
        try await DispatcherFixture.with(service) { fixture in
            let known = try await fixture.send(Line.method("system.hello"))
            #expect(known.result?["protocol"]?.integer == 1)
            #expect(known.result?["caller"]?["uid"]?.integer == 1000)
            #expect(known.result?["caller"]?["rule"]?.string == "plain")
            #expect(known.result?["rights"]?.elements?.contains { $0.string == "login" } == true)
            #expect(known.result?["clients"]?[0]?.string == "default")
            #expect(known.result?["emulated"]?.boolean == true)
            let stranger = try await fixture.send(
                Line.method("system.hello"),
                uid: DispatcherFixture.strangerUID
            )
            #expect(stranger.result?["caller"]?["rule"] == nil)
            #expect(stranger.result?["rights"]?.count == 0)
            #expect(stranger.result?["clients"]?.count == 0)
            #expect(stranger.result?["emulated"]?.boolean == false)
        }
    }

    @Test func `each socket describes its own methods`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.hang)) { fixture in
            let main = try await fixture.send(Line.method("rpc.discover"))
            let control = try await fixture.send(Line.method("rpc.discover"), on: .control, uid: 0)
            #expect(main.line.contains(#""password.authenticate""#))
            #expect(!main.line.contains(#""daemon.status""#))
            #expect(control.line.contains(#""daemon.status""#))
            #expect(!control.line.contains(#""password.authenticate""#))
        }
    }

    @Test func `policy explain says of a call what the call itself meets`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(.locked)))) { fixture in
            for uid in [DispatcherFixture.plainUID, DispatcherFixture.detailsUID, DispatcherFixture.strangerUID] {
                let explained = try await fixture.send(
                    Line.method("policy.explain", params: #"{"uid":\#(uid),"method":"password.authenticate"}"#),
                    on: .control,
                    uid: 0
                )
                let met = try await fixture.send(Line.login(), uid: uid)
                #expect(explained.result?["allowed"]?.boolean == (met.kind != "forbidden"))
                #expect(explained.result?["rule"]?.string == met.records.first?.rule)
                #expect(explained.result?["details"]?.boolean == (met.result?["reason"] != nil))
                #expect(explained.result?["rules"]?.count == 2)
            }
        }
    }

    @Test func `a user is named as in the records of the calls about them`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.answer(.denied(.locked)))) { fixture in
            let login = try await fixture.send(Line.login())
            let target = try #require(login.records.first?.target)
            let hash = try await fixture.send(
                Line.method("daemon.target_hash", params: #"{"kind":"username","value":"alice"}"#),
                on: .control,
                uid: 0
            )
            #expect(hash.result?["target"]?.string == target)
            #expect(hash.result?["form"]?.string == "hashed" && hash.result?["key"]?.string == "credential")
            // Who is looked for is not told in the trail: the record is about no user.
            #expect(hash.records.map(\.target) == [nil])
        }
    }

    @Test func `policy explain knows which methods need no rule and which do not exist`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.hang)) { fixture in
            let open = try await fixture.send(
                Line.method("policy.explain", params: #"{"uid":4000,"method":"system.ping"}"#),
                on: .control,
                uid: 0
            )
            #expect(open.result?["allowed"]?.boolean == true)
            let unknown = try await fixture.send(
                Line.method("policy.explain", params: #"{"uid":4000,"method":"daemon.status"}"#),
                on: .control,
                uid: 0
            )
            #expect(unknown.kind == "invalid_params")
            #expect(unknown.data?["param"]?.string == "method")
        }
    }

    @Test func `a refresh fetches at once and tells how it went`() async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service) { fixture in
            let done = try await fixture.send(Line.method("daemon.refresh_token"), on: .control, uid: 0)
            #expect(done.result?["clients"]?[0]?["refreshed"]?.boolean == true)
            #expect(done.result?["clients"]?[0]?["expires_in_s"]?.integer == 3600)
            service.answerRefresh(.failure(APIFailure(.credentialRejected, outcome: .notSent)))
            let failed = try await fixture.send(
                Line.method("daemon.refresh_token", params: #"{"client":"default"}"#),
                on: .control,
                uid: 0
            )
            #expect(failed.result?["clients"]?[0]?["refreshed"]?.boolean == false)
            #expect(failed.result?["clients"]?[0]?["error"]?["kind"]?.string == "credential_rejected")
            #expect(failed.records.map(\.reason) == ["credential_rejected"])
            #expect(service.refreshes == 2)
        }
    }

    @Test func `health turns red with the credential and green with the next token`() async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service) { fixture in
            func expectHealth(_ status: String) async throws {
                let outcome = try await fixture.send(Line.method("daemon.health"), on: .control, uid: 0)
                #expect(outcome.result?["status"]?.string == status)
            }
            service.become(FakeMosaicService.status(token: .none, age: nil))
            try await expectHealth("degraded")
            service.become(FakeMosaicService.status(token: .valid, remaining: .seconds(10)))
            try await expectHealth("healthy")
            let failure = MosaicClientStatus.RememberedFailure(
                label: "credential_rejected.4xx",
                advice: nil,
                age: .zero
            )
            service.become(
                FakeMosaicService.status(token: .credentialRejected, tokenFailure: failure)
            )
            try await expectHealth("unhealthy")
            service.become(FakeMosaicService.status(token: .valid, remaining: .seconds(3600)))
            try await expectHealth("healthy")
            service.become(FakeMosaicService.status(token: .expired))
            try await expectHealth("unhealthy")
        }
    }

    struct TokenRow: Sendable {
        var state: MosaicClientStatus.TokenState
        var fails: Bool
        var told: String
    }

    @Test(arguments: [
        TokenRow(state: .none, fails: false, told: "none"), TokenRow(state: .none, fails: true, told: "retrying"),
        TokenRow(state: .valid, fails: false, told: "valid"), TokenRow(state: .valid, fails: true, told: "retrying"),
        TokenRow(state: .expired, fails: true, told: "retrying"),
        TokenRow(state: .credentialRejected, fails: true, told: "rejected"),
    ])
    func `status tells how each token stands`(row: TokenRow) async throws {
        let service = FakeMosaicService(.hang)
        let failure = MosaicClientStatus.RememberedFailure(
            label: "upstream_unavailable.connect",
            advice: "check DNS",
            age: .seconds(3)
        )
        service.become(
            FakeMosaicService.status(
                token: row.state,
                remaining: .seconds(100),
                tokenFailure: row.fails ? failure : nil
            )
        )
        try await DispatcherFixture.with(service) { fixture in
            fixture.clock.advance(by: .seconds(5))
            let outcome = try await fixture.send(Line.method("daemon.status"), on: .control, uid: 0)
            let token = outcome.result?["clients"]?[0]?["token"]
            #expect(token?["state"]?.string == row.told)
            #expect(token?["expires_in_s"]?.integer == 100)
            #expect(token?["last_error"]?["kind"]?.string == (row.fails ? "upstream_unavailable" : nil))
            #expect(token?["last_error"]?["age_s"]?.integer == (row.fails ? 3 : nil))
            #expect(outcome.result?["uptime_s"]?.integer == 5)
            #expect(outcome.result?["state"]?.string == "running")
            #expect(outcome.result?["sockets"]?[0]?["source"]?.string == "systemd")
        }
    }

    @Test(arguments: SocketKind.allCases)
    func `every method of the protocol's table has a handler`(socket: SocketKind) async throws {
        var registry = MethodRegistry()
        try await DispatcherFixture.with(
            FakeMosaicService(.hang),
            configure: { registry = $0 },
            { _ in }
        )
        #expect(registry.missing(on: socket).isEmpty)
    }
}
