import TestSupport
import Testing

@testable import AgentDaemon

/// What is shown of the throttle's records, and which of them are removed.
@Suite struct ThrottleSelectionTests {
    let clock = TestClock(origin: ThrottleSamples.start)
    let throttle: Throttle
    let alice = ThrottleSamples.target(1)
    let aliceElsewhere = ThrottleSamples.target(1, application: "other")
    let bob = ThrottleSamples.target(2)
    let shop = ThrottleSamples.caller(1001)
    let blog = ThrottleSamples.caller(1002, "198.51.100.7")

    init() throws {
        throttle = Throttle(limits: ThrottleLimits(callerSendBudget: 3), clock: clock)
        // One failure a second: shop and blog on alice, until she is exhausted; then blog on bob; then elsewhere.
        for caller in [shop, shop, blog, shop] { try fail(caller, at: alice) }
        try fail(blog, at: bob)
        try fail(shop, at: aliceElsewhere)
        for target in [alice, bob, aliceElsewhere] { _ = try throttle.beginSend(to: target, by: shop) }
        clock.advance(by: .seconds(1))
        _ = try throttle.beginSend(to: bob, by: blog)
        _ = try throttle.beginAttempt(at: bob, by: shop)
    }

    func fail(_ caller: ThrottleCaller, at target: ThrottleTarget) throws {
        throttle.release(try throttle.beginAttempt(at: target, by: caller), at: target, .failed)
        clock.advance(by: .seconds(1))
    }

    @Test func `the exhausted come first, then the newest`() throws {
        let report = throttle.report(.all, limit: 100)
        #expect(report.attempts.map(\.target) == [alice, aliceElsewhere, bob])
        #expect(report.attempts.map(\.failures) == [4, 1, 1])
        #expect(report.attempts.map(\.inFlight) == [0, 0, 1])
        #expect(report.attempts.map(\.isExhausted) == [true, false, false])
        #expect(report.attempts.map(\.newestAge) == [.seconds(4), .seconds(2), .seconds(3)])
        #expect(report.attempts.map(\.retryAfter) == [.seconds(900 - 7), nil, nil])
        let first = try #require(report.attempts.first)
        #expect(first.callerCount == 2)
        #expect(
            first.callers == [
                .init(caller: shop, failures: 3, oldestAge: .seconds(7), newestAge: .seconds(4)),
                .init(caller: blog, failures: 1, oldestAge: .seconds(5), newestAge: .seconds(5)),
            ]
        )
    }

    @Test func `sends and callers are shown with what they have to wait for`() {
        let report = throttle.report(.all, limit: 100)
        #expect(report.sendCount == 4)
        #expect(
            report.sends.first
                == .init(
                    target: bob,
                    caller: blog,
                    count: 1,
                    newestAge: .zero,
                    retryAfter: .seconds(30)
                )
        )
        #expect(Set(report.sends.dropFirst().map(\.retryAfter)) == [.seconds(29)])
        #expect(
            report.callers == [
                .init(uid: 1001, used: 3, retryAfter: .seconds(1199)), .init(uid: 1002, used: 1, retryAfter: nil),
            ]
        )
    }

    @Test func `lists are cut short, and say how long they are`() {
        let report = throttle.report(.all, limit: 1)
        #expect([report.attempts.count, report.sends.count, report.callers.count] == [1, 1, 1])
        #expect([report.attemptCount, report.sendCount, report.callerCount] == [3, 4, 2])
        #expect(report.attempts.first?.callers.count == 1)
        #expect(report.attempts.first?.callerCount == 2)
    }

    @Test func `a selection shows no more than it names`() {
        let one = throttle.report(.targets([alice, ThrottleSamples.target(99)]), limit: 100)
        #expect(one.attempts.map(\.target) == [alice])
        #expect(one.sends.map(\.target) == [alice])
        #expect(one.callers.isEmpty)
        let both = throttle.report(.digest(alice.digest), limit: 100)
        #expect(both.attempts.map(\.target) == [alice, aliceElsewhere])
        #expect(both.sends.count == 2)
        let uid = throttle.report(.uid(1002), limit: 100)
        #expect(uid.attempts.map(\.target) == [alice, bob])
        #expect(uid.sends.map(\.caller) == [blog])
        #expect(uid.callers.map(\.uid) == [1002])
        #expect(throttle.report(.uid(5), limit: 100).attempts.isEmpty)
    }

    @Test(arguments: [
        (ThrottleSelection.all, ThrottleCleared(failures: 6, sends: 4, rates: 2)),
        (.targets([ThrottleSamples.target(1)]), ThrottleCleared(failures: 4, sends: 1, rates: 0)),
        (.targets([ThrottleSamples.target(2), ThrottleSamples.target(2)]), .init(failures: 1, sends: 2, rates: 0)),
        (.digest(ThrottleSamples.target(1).digest), ThrottleCleared(failures: 5, sends: 2, rates: 0)),
        (.uid(1001), ThrottleCleared(failures: 4, sends: 3, rates: 1)),
        (.uid(1002), ThrottleCleared(failures: 2, sends: 1, rates: 1)),
        (.uid(1), ThrottleCleared(failures: 0, sends: 0, rates: 0)),
        (.targets([]), ThrottleCleared(failures: 0, sends: 0, rates: 0)),
    ])
    func `what is selected is removed, and nothing else`(selection: ThrottleSelection, cleared: ThrottleCleared) throws
    {
        #expect(throttle.clear(selection) == cleared)
        #expect(throttle.clear(selection) == ThrottleCleared(failures: 0, sends: 0, rates: 0))
        let totals = throttle.totals
        #expect(totals.failures.count == 6 - cleared.failures)
        #expect(totals.sends.count == 4 - cleared.sends)
        #expect(totals.rates.count == 2 - cleared.rates)
        #expect(totals.attemptsInFlight == 1, "attempts under way stay")
    }

    @Test func `who is cleared may try again at once`() throws {
        #expect(throws: ThrottleRejection(budget: .attempts, retryAfter: .seconds(893))) {
            try throttle.beginAttempt(at: alice, by: shop)
        }
        #expect(throws: ThrottleRejection(budget: .callerSends, retryAfter: .seconds(1199))) {
            try throttle.beginSend(to: ThrottleSamples.target(9), by: shop)
        }
        _ = throttle.clear(.uid(1001))
        _ = try throttle.beginAttempt(at: alice, by: shop)
        _ = try throttle.beginSend(to: ThrottleSamples.target(9), by: shop)
    }

    @Test func `a send that was given back counts for nobody`() throws {
        let other = ThrottleSamples.caller(1003)
        for _ in 0..<10 { throttle.giveBack(try throttle.beginSend(to: alice, by: other)) }
        #expect(throttle.report(.uid(1003), limit: 1).sendCount == 0)
        #expect(throttle.report(.uid(1003), limit: 1).callerCount == 0)
    }

    @Test func `a refused send uses nothing up`() throws {
        let other = ThrottleSamples.caller(1003)
        _ = try throttle.beginSend(to: alice, by: other)
        for _ in 0..<10 { #expect(throws: ThrottleRejection.self) { try throttle.beginSend(to: alice, by: other) } }
        #expect(throttle.report(.uid(1003), limit: 1).callers.first?.used == 1)
    }

    @Test func `other limits hold from now on`() throws {
        throttle.change(ThrottleLimits(attemptBudget: 5, sendInterval: .zero, callerSendBudget: 3600))
        _ = try throttle.beginAttempt(at: alice, by: shop)
        _ = try throttle.beginSend(to: alice, by: shop)
        #expect(throttle.report(.uid(1001), limit: 1).callers.first?.used == 4)
    }
}
