import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Whose attempts are told apart.
@Suite(.longTimeLimit) struct AttemptCallerTests {
    struct Addresses: Sendable {
        var first: String
        var second: String
        var isSame: Bool
    }

    static func login(from address: String) -> String {
        Line.login(extra: #","client_attributes":{"ip_address":"\#(address)"}"#)
    }

    @Test(arguments: [
        Addresses(first: "198.51.100.7", second: "198.51.100.7", isSame: true),
        Addresses(first: "198.51.100.7", second: "198.51.100.8", isSame: false),
        Addresses(first: "198.51.100.7", second: "::ffff:198.51.100.7", isSame: true),
        Addresses(first: "2001:db8:1:2::1", second: "2001:0DB8:1:2:ffff::9", isSame: true),
        Addresses(first: "2001:db8:1:2::1", second: "2001:db8:1:3::1", isSame: false),
        Addresses(first: "198.51.100.7:443", second: "198.51.100.7", isSame: true),
        Addresses(first: "198.51.100.7:443", second: "198.51.100.8:443", isSame: false),
        Addresses(first: "[2001:db8:1:2::1]:443", second: "2001:db8:1:2::9", isSame: true),
    ])
    func `addresses tell callers apart that are believed`(row: Addresses) async throws {
        for (uid, isSame) in [(AttemptGateTests.trustingUID, row.isSame), (DispatcherFixture.plainUID, true)] {
            let service = FakeMosaicService(AttemptGateTests.denied)
            try await DispatcherFixture.with(
                service,
                rules: [AttemptGateTests.trusting],
                throttle: ThrottleLimits(attemptBudget: 1)
            ) { (fixture: DispatcherFixture) async throws in
                #expect(try await AttemptGateTests.passes(Self.login(from: row.first), fixture, uid: uid))
                #expect(!(try await AttemptGateTests.passes(Self.login(from: row.first), fixture, uid: uid)))
                let passes = try await AttemptGateTests.passes(Self.login(from: row.second), fixture, uid: uid)
                #expect(passes != isSame, "uid \(uid)")
            }
        }
    }

    static let unreadable = [
        "unknown", "198.51.100.7, 198.51.100.8", "198.51.100.7 ", "[2001:db8::1]", "fe80::1%eth0", "198.051.100.7",
        "0xC6336407",
    ]

    @Test(arguments: unreadable) func `an address that cannot be read is refused where it is believed`(
        address: String
    ) async throws {
        let service = FakeMosaicService(AttemptGateTests.denied)
        try await DispatcherFixture.with(service, rules: [AttemptGateTests.trusting], throttle: .init()) {
            (fixture: DispatcherFixture) async throws in
            let refused = try await fixture.send(Self.login(from: address), uid: AttemptGateTests.trustingUID)
            #expect(refused.json["error"]?["code"]?.integer == -32602)
            #expect(refused.data?["param"]?.string == "client_attributes.ip_address")
            #expect(refused.data?["outcome"]?.string == "not_sent")
            #expect(!refused.line.contains(address), "a value is never repeated")
            #expect(refused.records.map(\.error) == ["invalid_params"])
            #expect(service.requests.isEmpty)
            // It tells nobody apart elsewhere, so anything may stand there.
            #expect(try await fixture.send(Self.login(from: address)).result?["verdict"]?.string == "denied")
        }
    }

    @Test func `without an address a caller is its uid`() async throws {
        let service = FakeMosaicService(AttemptGateTests.denied)
        try await DispatcherFixture.with(
            service,
            rules: [AttemptGateTests.trusting],
            throttle: ThrottleLimits(attemptBudget: 1)
        ) { (fixture: DispatcherFixture) async throws in
            let uid = AttemptGateTests.trustingUID
            #expect(try await AttemptGateTests.passes(Line.login(), fixture, uid: uid))
            #expect(!(try await AttemptGateTests.passes(Line.login(), fixture, uid: uid)))
            let agentOnly = Line.login(extra: #","client_attributes":{"user_agent":"x"}"#)
            #expect(!(try await AttemptGateTests.passes(agentOnly, fixture, uid: uid)))
        }
    }

    @Test func `a failure is held against the application that became known on the way`() async throws {
        let service = FakeMosaicService(.hang)
        service.know(applicationID: nil)
        service.answerApplicationID(.failure(APIFailure(.unavailable, outcome: .notSent)))
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) {
            (fixture: DispatcherFixture) async throws in
            let call = try fixture.call(Line.login())
            async let answer = call.control.run(on: nil) { await fixture.dispatcher.dispatch(call) }
            await service.untilHanging()
            service.know(applicationID: "app")
            call.control.end(.cancelled)
            _ = try await fixture.outcome(of: await answer)
            service.become(AttemptGateTests.denied)
            #expect(!(try await AttemptGateTests.passes(Line.login(), fixture)))
        }
    }

    @Test func `before the first token an attempt is made when the application is known`() async throws {
        let service = FakeMosaicService(AttemptGateTests.denied)
        service.know(applicationID: nil)
        try await DispatcherFixture.with(service, throttle: ThrottleLimits(attemptBudget: 1)) { fixture in
            _ = try await fixture.send(Line.login())
            service.know(applicationID: "app-of-token")
            #expect(!(try await AttemptGateTests.passes(Line.login(), fixture)))
        }
    }

    /// Sends attempts by two clients through one throttle, and says whether the second one was let through.
    private func passes(second: FakeMosaicService, after first: FakeMosaicService) async throws -> Bool {
        let throttle = Throttle(limits: ThrottleLimits(attemptBudget: 1), clock: TestClock())
        let clients = ClientDirectory(
            [first, second].map {
                ConfiguredClient(
                    service: $0,
                    clientID: "id-of-\($0.name)",
                    host: "api.example",
                    authentication: .clientSecretPost
                )
            }
        )
        let gate = ThrottleGate(
            throttle,
            clients: clients,
            digest: DispatcherFixture.digest,
            events: EventHub()
        )
        var hasPassed: [Bool] = []
        for client in [first, second] {
            let trail = CallRecorder(try DispatcherFixture.call(Line.login(), clock: TestClock()))
            trail.method = PasswordAuthenticate.descriptor
            trail.target = Target(kind: .username, identifier: "alice")
            trail.permit = AccessPermit(rule: "r", client: client.name, details: false)
            do {
                let attempt = try #require(try await gate.beginAttempt(trail))
                gate.end(attempt)
                hasPassed.append(true)
            } catch let failure as CallFailure {
                #expect(failure.kind == .throttled)
                hasPassed.append(false)
            }
            let target = ThrottleTarget(
                application: client.knownApplicationID ?? "id-of-\(client.name)",
                digest: DispatcherFixture.digest.value(of: Target(kind: .username, identifier: "alice"))
            )
            if client === first {
                let caller = ThrottleCaller(uid: DispatcherFixture.plainUID)
                throttle.release(try throttle.beginAttempt(at: target, by: caller), at: target, .failed)
            }
        }
        #expect(hasPassed.first == true)
        return hasPassed.last == true
    }

    @Test func `clients of one application share its users' budgets, others do not`() async throws {
        func client(_ name: String, _ application: String?) -> FakeMosaicService {
            let service = FakeMosaicService(name: name, .hang)
            service.know(applicationID: application)
            service.answerApplicationID(.success(application))
            return service
        }
        #expect(!(try await passes(second: client("b", "app"), after: client("a", "app"))))
        #expect(try await passes(second: client("b", "other"), after: client("a", "app")))
        #expect(try await passes(second: client("b", nil), after: client("a", nil)))
    }
}
