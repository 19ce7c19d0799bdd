import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon

/// `throttle.list`, `throttle.clear`, and what status, metrics and watches tell of the throttle.
@Suite(.longTimeLimit) struct ThrottleHandlerTests {
    private static let alice = DispatcherFixture.digest.text(kind: "username", identifier: "alice".utf8)
    private static let ada = DispatcherFixture.digest.text(kind: "email", identifier: "ada@example.com".utf8)

    /// Asks on the control socket; answers the result, and what the record has.
    private static func ask(
        _ fixture: DispatcherFixture,
        _ method: String,
        _ params: String = "{}"
    ) async throws -> (result: JSONValue, record: AuditRecord) {
        let outcome = try await fixture.send(Line.method(method, params: params), on: .control, uid: 0)
        return (
            try #require(outcome.result, "\(outcome.line)"), try #require(outcome.records.first)
        )
    }

    /// Four failures of one caller on `alice` and one of another, and a message to `ada`.
    private static func withRecords(_ body: (DispatcherFixture) async throws -> Void) async throws {
        let service = FakeMosaicService(AttemptGateTests.denied)
        try await DispatcherFixture.with(service, throttle: .init()) { fixture in
            _ = try await fixture.send(Line.login(), uid: DispatcherFixture.detailsUID)
            for _ in 0..<3 {
                fixture.clock.advance(by: .seconds(60))
                _ = try await fixture.send(Line.login())
            }
            let target = ThrottleTarget(
                application: "app-of-token",
                digest: DispatcherFixture.digest.value(of: Target(kind: .email, identifier: "ada@example.com"))
            )
            let caller = ThrottleCaller(uid: DispatcherFixture.plainUID, address: ClientAddress("2001:db8::7"))
            _ = try fixture.throttle.beginSend(to: target, by: caller)
            try await body(fixture)
        }
    }

    @Test func `the list tells whose budget is used, by whom, and when there is room again`() async throws {
        try await Self.withRecords { fixture in
            let result = try await Self.ask(fixture, "throttle.list").result
            #expect(
                result.rawText.description == #"{"limits":{"attempt_budget":4,"attempt_window_ms":900000,"#
                    + #""send_interval_ms":30000,"send_budget":5,"send_window_ms":3600000,"caller_send_budget":3600},"#
                    + #""attempts":[{"target":"\#(Self.alice)","clients":["default"],"failures":4,"in_flight":0,"#
                    + #""exhausted":true,"callers":[{"uid":1000,"failures":3},{"uid":1001,"failures":1}],"#
                    + #""callers_total":2,"retry_after_ms":720001}],"#
                    + #""sends":[{"target":"\#(Self.ada)","clients":["default"],"uid":1000,"count":1,"#
                    + #""address":"2001:db8::/64","retry_after_ms":30001}],"#
                    + #""callers":[{"uid":1000,"used":1}],"totals":{"attempts":1,"sends":1,"callers":1},"evicted":0}"#
            )
            fixture.clock.advance(by: .milliseconds(720_001))
            let later = try await Self.ask(fixture, "throttle.list").result
            #expect(later["attempts"]?[0]?["exhausted"]?.boolean == false)
            #expect(later["attempts"]?[0]?["retry_after_ms"] == nil)
            #expect(later["attempts"]?[0]?["failures"]?.integer == 3)
        }
    }

    @Test(arguments: [
        (#"{"kind":"username","value":"alice"}"#, [1, 0, 0]), (#"{"kind":"email","value":"alice"}"#, [0, 0, 0]),
        (#"{"target":"ALICE"}"#, [1, 0, 0]), (#"{"target":"ADA"}"#, [0, 1, 0]), (#"{"uid":1000}"#, [1, 1, 1]),
        (#"{"uid":1001}"#, [1, 0, 0]), (#"{"uid":7}"#, [0, 0, 0]), ("{}", [1, 1, 1]),
    ])
    func `the list can be of one user or one caller`(params: String, counts: [Int64]) async throws {
        try await Self.withRecords { fixture in
            let params = params.replacing("ALICE", with: Self.alice.uppercased()).replacing("ADA", with: Self.ada)
            let (result, record) = try await Self.ask(fixture, "throttle.list", params)
            let lists = ["attempts", "sends", "callers"]
            #expect(lists.map { result["totals"]?[$0]?.integer } == counts)
            #expect(lists.map { result[$0]?.count } == counts.map { Int($0) })
            // Who is looked for is not told in the trail.
            #expect(record.target == nil && record.reason == nil && record.event == .completed)
        }
    }

    @Test func `a list that is cut says so, and is never too large to be answered`() async throws {
        try await DispatcherFixture.with(FakeMosaicService(.hang), throttle: .init()) { fixture in
            for number in 0..<1050 {
                fixture.clock.advance(by: .milliseconds(1))
                let target = ThrottleTarget(
                    application: "app-of-token",
                    digest: TargetHash(high: 0, low: UInt64(number))
                )
                for uid in 0..<(number == 1049 ? 1100 : 30) {
                    let caller = ThrottleCaller(
                        uid: UInt32(4_000_000_000 + uid),
                        address: ClientAddress("2001:db8:1111:2222::")
                    )
                    fixture.throttle.release(
                        try fixture.throttle.beginAttempt(at: target, by: caller),
                        at: target,
                        .failed
                    )
                }
            }
            let some = try await Self.ask(fixture, "throttle.list", #"{"limit":2}"#).result
            #expect(some["attempts"]?.count == 2 && some["totals"]?["attempts"]?.integer == 1050)
            #expect(some["attempts"]?[0]?["callers"]?.count == 2)
            #expect(some["attempts"]?[0]?["callers_total"]?.integer == 1100)
            let few = try await Self.ask(fixture, "throttle.list").result
            #expect(few["attempts"]?.count == 100)
            let all = try await Self.ask(fixture, "throttle.list", #"{"limit":1000}"#).result
            let shown = all["attempts"]?.count ?? 0
            #expect((900..<1000).contains(shown), "\(shown)")
            #expect(all["attempts"]?[0]?["callers"]?.count == 1000)
            #expect(all["totals"]?["attempts"]?.integer == 1050)
            #expect((2_000_000..<ProtocolLimits.maximumResultBytes).contains(all.rawBytes.count))
        }
    }

    struct Clearing: Sendable {
        var params: String
        var counts: [Int64]
        var reason: String
        var target: String?
        var passes: Bool
    }

    @Test(arguments: [
        Clearing(
            params: #"{"kind":"username","value":"alice"}"#,
            counts: [4, 0, 0],
            reason: "user",
            target: alice,
            passes: true
        ),
        Clearing(params: #"{"target":"\#(alice)"}"#, counts: [4, 0, 0], reason: "target", target: alice, passes: true),
        Clearing(params: #"{"target":"\#(ada)"}"#, counts: [0, 1, 0], reason: "target", target: ada, passes: false),
        Clearing(params: #"{"uid":1001}"#, counts: [1, 0, 0], reason: "uid_1001", target: nil, passes: true),
        Clearing(params: #"{"uid":1000}"#, counts: [3, 1, 1], reason: "uid_1000", target: nil, passes: true),
        Clearing(params: #"{"uid":7}"#, counts: [0, 0, 0], reason: "uid_7", target: nil, passes: false),
        Clearing(params: #"{"all":true}"#, counts: [4, 1, 1], reason: "all", target: nil, passes: true),
    ])
    func `what is cleared holds nobody up any more, and is recorded`(clearing: Clearing) async throws {
        try await Self.withRecords { fixture in
            #expect(try await !AttemptGateTests.passes(Line.login(), fixture))
            let (result, record) = try await Self.ask(fixture, "throttle.clear", clearing.params)
            #expect(["failures", "sends", "callers"].map { result[$0]?.integer } == clearing.counts)
            #expect(record.reason == clearing.reason && record.target == clearing.target)
            #expect(record.event == .completed && record.callerUID == 0)
            #expect(try await AttemptGateTests.passes(Line.login(), fixture) == clearing.passes)
            // Once more, there is nothing left of it but the attempt just made.
            let again = try await Self.ask(fixture, "throttle.clear", clearing.params).result
            #expect((again["failures"]?.integer ?? 9) <= 1)
            #expect(again["sends"]?.integer == 0 && again["callers"]?.integer == 0)
        }
    }

    @Test func `no selector clears nothing`() async throws {
        try await Self.withRecords { fixture in
            for params in ["{}", #"{"all":false}"#, #"{"kind":"username"}"#, #"{"all":true,"uid":1}"#] {
                let outcome = try await fixture.send(
                    Line.method("throttle.clear", params: params),
                    on: .control,
                    uid: 0
                )
                #expect(outcome.kind == "invalid_params", "\(params)")
            }
            let result = try await Self.ask(fixture, "throttle.list").result
            #expect(result["totals"]?.rawText.description == #"{"attempts":1,"sends":1,"callers":1}"#)
        }
    }

    @Test func `an application is known by its clients, also by what was recorded before it was known`() async throws {
        let service = FakeMosaicService(AttemptGateTests.denied)
        try await DispatcherFixture.with(service, throttle: .init()) { fixture in
            func names() async throws -> [String] {
                let list = try await Self.ask(fixture, "throttle.list").result["attempts"]?.elements
                return (list.map(Array.init) ?? []).compactMap { $0["clients"]?.rawText.description }.sorted()
            }
            service.know(applicationID: nil)
            service.answerApplicationID(.success(nil))
            _ = try await fixture.send(Line.login())
            #expect(try await names() == [#"["default"]"#])
            service.know(applicationID: "app")
            _ = try await fixture.send(Line.login())
            #expect(try await names() == [#"["default"]"#, #"["default"]"#])
            service.know(applicationID: "another app")
            #expect(try await names() == [#"["default"]"#, "[]"])
        }
    }

    @Test func `status and metrics tell how full the throttle is and what it has refused`() async throws {
        try await Self.withRecords { fixture in
            for _ in 0..<3 { _ = try await fixture.send(Line.login()) }
            let status = try await Self.ask(fixture, "daemon.status").result
            #expect(
                status["throttle"]?.rawText.description == #"{"exhausted_targets":1,"failures":4,"#
                    + #""failures_capacity":32768,"sends":1,"sends_capacity":16384,"callers":1,"callers_capacity":1024,"#
                    + #""evicted":0}"#
            )
            let metrics = try await Self.ask(fixture, "daemon.metrics").result["metrics"]?.elements
            func values(_ name: String) -> [String] {
                let metric = metrics?.first { $0["name"]?.string == name }
                let samples = metric?["samples"]?.elements.map(Array.init) ?? []
                return samples.map { "\($0["labels"]?.rawText.description ?? "") \($0["value"]?.integer ?? -1)" }
            }
            #expect(
                values("mosaicd_throttle_refusals_total") == [
                    #"{"budget":"attempts"} 3"#, #"{"budget":"caller_attempts"} 0"#, #"{"budget":"undecided"} 0"#,
                    #"{"budget":"in_flight"} 0"#, #"{"budget":"sends"} 0"#, #"{"budget":"caller_sends"} 0"#,
                ]
            )
            #expect(values("mosaicd_throttle_exhausted_targets") == ["{} 1"])
            #expect(values("mosaicd_throttle_waiting_attempts") == ["{} 0"])
            #expect(
                values("mosaicd_throttle_records") == [
                    #"{"kind":"failures"} 4"#, #"{"kind":"undecided"} 0"#, #"{"kind":"sends"} 1"#,
                    #"{"kind":"callers"} 1"#,
                ]
            )
            #expect(
                values("mosaicd_throttle_records_capacity") == [
                    #"{"kind":"failures"} 32768"#, #"{"kind":"undecided"} 8192"#, #"{"kind":"sends"} 16384"#,
                    #"{"kind":"callers"} 1024"#,
                ]
            )
            #expect(values("mosaicd_throttle_records_evicted_total").count == 4)
        }
    }

    @Test func `whoever watches is told once that a budget is used up, not for every call that is refused`()
        async throws
    {
        let observer = AgentObserver()
        let service = FakeMosaicService(AttemptGateTests.denied)
        try await DispatcherFixture.with(service, observer: observer, throttle: .init()) { fixture in
            let watch = observer.events.subscribe(to: [.attemptsExhausted, .logLevelChanged])
            defer { observer.events.end(watch) }
            func exhaust() async throws {
                for _ in 0..<6 { _ = try await fixture.send(Line.login()) }
                // A caller that has not failed there passes, and makes it no more exhausted.
                _ = try await fixture.send(Line.login(), uid: DispatcherFixture.detailsUID)
            }
            try await exhaust()
            fixture.clock.advance(by: .seconds(900))
            try await exhaust()
            // What comes behind, to know that there is no more.
            observer.events.publish(.logLevelChanged) { DaemonEvent.Details() }
            var events: [WatchedEvent] = []
            while events.last?.kind != .logLevelChanged, let more = await watch.next() { events += more }
            #expect(events.map(\.kind) == [.attemptsExhausted, .attemptsExhausted, .logLevelChanged])
            for event in events.dropLast() {
                #expect(
                    event.details.throttle
                        == DaemonEvent.ExhaustedTarget(
                            target: try #require(TargetHash(Self.alice)),
                            client: "default",
                            failures: 4,
                            uid: DispatcherFixture.plainUID,
                            retryAfterMilliseconds: 900_001
                        )
                )
            }
        }
    }
}
