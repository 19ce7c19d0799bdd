import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct AttemptThrottleTests {
    let start = ThrottleSamples.start
    let alice = ThrottleSamples.target(1)
    let bob = ThrottleSamples.target(2)
    let shop = ThrottleSamples.caller(1001)
    let blog = ThrottleSamples.caller(1002)

    var throttle = AttemptThrottle(budget: 4, window: .seconds(900), capacity: 100)
    var waiter: UInt64 = 0

    typealias Decision = AttemptThrottle.Decision

    /// Fails once; answers whether it was let through, and that used the budget up.
    @discardableResult
    mutating func fail(_ caller: ThrottleCaller, at target: ThrottleTarget, after seconds: Int) -> Bool? {
        let now = start + .seconds(seconds)
        guard request(caller, at: target, now: now) == .admitted else { return nil }
        return throttle.release(of: target, by: caller, at: target, .failed, now: now).exhausted
    }

    /// Asks for an attempt under a number of its own: the next one.
    mutating func request(_ caller: ThrottleCaller, at target: ThrottleTarget, now: ContinuousClock.Instant) -> Decision
    {
        waiter += 1
        let (decision, before) = throttle.request(at: target, by: caller, waiter: waiter, now: now)
        #expect(before.isEmpty)
        return decision
    }

    /// Begins an attempt; answers how long to wait if it is refused for the failures of the user.
    mutating func begin(_ caller: ThrottleCaller, at target: ThrottleTarget, after seconds: Int) -> Duration? {
        switch request(caller, at: target, now: start + .seconds(seconds)) {
        case .admitted: return nil
        case .refused(let refusal) where refusal.budget == .attempts: return refusal.retryAfter
        case let other:
            Issue.record("\(other)")
            return nil
        }
    }

    @discardableResult
    mutating func end(
        _ caller: ThrottleCaller,
        at target: ThrottleTarget,
        _ end: AttemptEnd,
        after seconds: Int
    ) -> [AttemptThrottle.Decided] {
        throttle.release(of: target, by: caller, at: target, end, now: start + .seconds(seconds)).decided
    }

    @Test mutating func `the attempt after the last of the budget waits until the first has expired`() {
        for second in 0..<4 { #expect(fail(shop, at: alice, after: second) == (second == 3)) }
        #expect(begin(shop, at: alice, after: 10) == .seconds(890))
        #expect(begin(shop, at: alice, after: 899) == .seconds(1))
        #expect(
            request(shop, at: alice, now: start + .seconds(900) - .nanoseconds(1))
                == .refused(ThrottleRejection(budget: .attempts, retryAfter: .nanoseconds(1)))
        )
        #expect(begin(shop, at: alice, after: 900) == nil)
    }

    @Test mutating func `other targets and other applications are not touched by it`() {
        for second in 0..<4 { fail(shop, at: alice, after: second) }
        #expect(begin(shop, at: bob, after: 4) == nil)
        #expect(begin(shop, at: ThrottleSamples.target(1, application: "other"), after: 4) == nil)
    }

    @Test mutating func `a caller without failures there passes, and shares the budget once it has failed`() {
        for second in 0..<4 { fail(shop, at: alice, after: second) }
        #expect(fail(blog, at: alice, after: 5) == false, "it was used up before")
        #expect(begin(blog, at: alice, after: 6) == .seconds(901 - 6), "until two of five have expired")
        #expect(throttle.failures(at: alice) == 5)
    }

    @Test mutating func `addresses are callers of their own, and so is none`() {
        for second in 0..<4 { fail(shop, at: alice, after: second) }
        let there = ThrottleSamples.caller(1001, "198.51.100.7")
        #expect(fail(there, at: alice, after: 5) == false)
        #expect(begin(there, at: alice, after: 6) != nil)
        #expect(begin(ThrottleSamples.caller(1001, "198.51.100.8"), at: alice, after: 6) == nil)
    }

    @Test mutating func `knowing the password forgives the caller's own failures and no others`() {
        fail(shop, at: alice, after: 0)
        fail(shop, at: alice, after: 1)
        fail(blog, at: alice, after: 2)
        #expect(begin(shop, at: alice, after: 3) == nil)
        end(shop, at: alice, .succeeded, after: 4)
        #expect(throttle.failures(at: alice) == 1)
        fail(shop, at: bob, after: 5)
        #expect(begin(shop, at: alice, after: 6) == nil)
        end(shop, at: alice, .succeeded, after: 7)
        #expect(throttle.failures(at: bob) == 1)
    }

    @Test mutating func `an attempt that decided nothing leaves no trace`() {
        for second in 0..<3 { fail(shop, at: alice, after: second) }
        for second in 3..<20 {
            #expect(begin(shop, at: alice, after: second) == nil)
            end(shop, at: alice, .undecided, after: second)
        }
        #expect(throttle.failures(at: alice) == 3)
        #expect(throttle.attemptsInFlight == 0)
    }

    @Test mutating func `attempts beyond the budget wait for the caller's own under way, in their order`() {
        for _ in 0..<4 { #expect(begin(shop, at: alice, after: 0) == nil) }
        for _ in 0..<3 { #expect(request(shop, at: alice, now: start) == .waiting) }
        #expect(throttle.waiting.count == 3)
        #expect(end(shop, at: alice, .succeeded, after: 1) == [.init(waiter: 5, decision: .admitted)])
        #expect(end(shop, at: alice, .undecided, after: 1) == [.init(waiter: 6, decision: .admitted)])
        #expect(end(shop, at: alice, .failed, after: 1).isEmpty, "a failure leaves no more room than before")
        #expect(end(shop, at: alice, .succeeded, after: 2) == [.init(waiter: 7, decision: .admitted)])
        #expect(throttle.attemptsInFlight == 3 && throttle.waiting.count == 0)
    }

    @Test mutating func `eight right logins of one caller all pass`() {
        var passed = 0
        for _ in 0..<8 { if request(shop, at: alice, now: start) == .admitted { passed += 1 } }
        while throttle.attemptsInFlight > 0 {
            passed += end(shop, at: alice, .succeeded, after: 1).count { $0.decision == .admitted }
        }
        #expect(passed == 8)
        #expect(throttle.targets.isEmpty)
    }

    @Test mutating func `of fifty guesses four are made, sixteen wait in vain and thirty are refused at once`() {
        let busy = ThrottleRejection(budget: .inFlight, retryAfter: .seconds(1))
        let answers = (0..<50).map { _ in request(shop, at: alice, now: start) }
        #expect(answers.count { $0 == .admitted } == 4)
        #expect(answers.count { $0 == .waiting } == 16)
        #expect(answers.count { $0 == .refused(busy) } == 30)
        for second in 1...3 { #expect(end(shop, at: alice, .failed, after: second).isEmpty) }
        let refused = end(shop, at: alice, .failed, after: 4)
        #expect(refused.map(\.waiter) == Array(5...20))
        #expect(Set(refused.map(\.decision)) == [.refused(.init(budget: .attempts, retryAfter: .seconds(897)))])
        #expect(throttle.attemptsInFlight == 0 && throttle.waiting.count == 0)
    }

    @Test mutating func `attempts under way hold up nobody but their caller`() {
        for _ in 0..<4 { #expect(begin(shop, at: alice, after: 0) == nil) }
        #expect(request(shop, at: alice, now: start) == .waiting)
        for _ in 0..<4 { #expect(begin(blog, at: alice, after: 0) == nil) }
        #expect(request(blog, at: alice, now: start) == .waiting)
        #expect(begin(shop, at: bob, after: 0) == nil)
        // Nor are those that wait decided by what others do.
        #expect(end(blog, at: alice, .succeeded, after: 1) == [.init(waiter: 10, decision: .admitted)])
        #expect(throttle.waiting.count == 1)
    }

    @Test mutating func `who has not failed waits for its own where others have used the budget up`() {
        for second in 0..<4 { fail(blog, at: alice, after: second) }
        #expect(begin(shop, at: alice, after: 5) == nil)
        #expect(request(shop, at: alice, now: start + .seconds(5)) == .waiting)
        #expect(end(shop, at: alice, .undecided, after: 6).map(\.decision) == [.admitted])
        #expect(request(shop, at: alice, now: start + .seconds(6)) == .waiting)
        let refused = end(shop, at: alice, .failed, after: 7)
        #expect(refused.map(\.decision) == [.refused(.init(budget: .attempts, retryAfter: .seconds(901 - 7)))])
    }

    @Test mutating func `whoever gives up waiting leaves the others in their order`() {
        for _ in 0..<20 { _ = request(shop, at: alice, now: start) }
        let haveLeft = [12, 5, 20, 12, 1].map { throttle.leave($0) }
        #expect(haveLeft == [true, true, true, false, false], "only one that waits can")
        #expect(request(shop, at: alice, now: start) == .waiting, "there is room in the queue again")
        var order: [UInt64] = []
        while throttle.attemptsInFlight > 0 {
            order += end(shop, at: alice, .succeeded, after: 1).map(\.waiter)
        }
        #expect(order == [6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 21])
    }

    @Test mutating func `none overtakes those that wait when failures expire`() {
        for _ in 0..<2 { fail(shop, at: alice, after: 0) }
        for _ in 0..<2 { #expect(begin(shop, at: alice, after: 10) == nil) }
        #expect(request(shop, at: alice, now: start + .seconds(10)) == .waiting)
        waiter += 1
        let (decision, before) = throttle.request(at: alice, by: shop, waiter: waiter, now: start + .seconds(900))
        #expect(before == [.init(waiter: waiter - 1, decision: .admitted)])
        #expect(decision == .admitted)
    }

    @Test mutating func `other limits and forgotten failures let those pass that wait`() {
        for _ in 0..<6 { _ = request(shop, at: alice, now: start) }
        #expect(
            throttle.change(budget: 5, window: .seconds(900), at: start) == [.init(waiter: 5, decision: .admitted)]
        )
        fail(blog, at: alice, after: 1)
        #expect(throttle.decideWaiting().isEmpty)
        #expect(throttle.change(budget: 6, window: .seconds(900), at: start).isEmpty)
        #expect(throttle.clear(.uid(1002)) == 1)
        #expect(throttle.decideWaiting() == [.init(waiter: 6, decision: .admitted)])
    }

    @Test mutating func `a failure that two checks at Mosaic saw counts two`() {
        #expect(begin(shop, at: alice, after: 0) == nil)
        end(shop, at: alice, .failures(2), after: 0)
        fail(shop, at: alice, after: 1)
        #expect(begin(shop, at: alice, after: 2) == nil)
        end(shop, at: alice, .failures(2), after: 2)
        #expect(throttle.failures(at: alice) == 5)
        #expect(begin(shop, at: alice, after: 3) == .seconds(900 - 3), "until two of five have expired")
    }

    @Test mutating func `sixteen answers without a decision hold the caller up there, and nobody else`() {
        for second in 0..<16 {
            #expect(begin(shop, at: alice, after: second) == nil)
            end(shop, at: alice, .undecidedAnswer, after: second)
        }
        let held = Decision.refused(ThrottleRejection(budget: .undecided, retryAfter: .seconds(880)))
        #expect(request(shop, at: alice, now: start + .seconds(20)) == held)
        #expect(begin(blog, at: alice, after: 20) == nil)
        #expect(begin(shop, at: bob, after: 20) == nil)
        #expect(throttle.failures(at: alice) == 0, "they are no failures")
        #expect(begin(shop, at: alice, after: 900) == nil)
        end(shop, at: alice, .undecidedAnswer, after: 900)
        #expect(request(shop, at: alice, now: start + .seconds(900)) != .admitted, "the next one holds it up again")
        #expect(begin(shop, at: alice, after: 901) == nil)
        end(shop, at: alice, .succeeded, after: 901)
        #expect(throttle.undecided.count == 0, "who knows the password is let off")
    }

    @Test mutating func `the failure counts where the attempt turned out to be about`() {
        let known = ThrottleSamples.target(1, application: "known later")
        for second in 0..<4 {
            #expect(begin(shop, at: alice, after: second) == nil)
            let now = start + .seconds(second)
            #expect(throttle.release(of: alice, by: shop, at: known, .failed, now: now).exhausted == (second == 3))
        }
        #expect(throttle.failures(at: alice) == 0)
        #expect(begin(shop, at: known, after: 5) != nil)
        #expect(begin(blog, at: alice, after: 5) == nil)
        #expect(throttle.targets.count == 2)
        _ = throttle.release(of: alice, by: blog, at: alice, .undecided, now: start + .seconds(6))
        #expect(throttle.targets.count == 1, "what is idle is forgotten")
    }

    @Test mutating func `success forgives at both targets`() {
        let known = ThrottleSamples.target(1, application: "known later")
        fail(shop, at: alice, after: 0)
        fail(shop, at: known, after: 0)
        #expect(begin(shop, at: alice, after: 1) == nil)
        _ = throttle.release(of: alice, by: shop, at: known, .succeeded, now: start + .seconds(2))
        #expect(throttle.targets.isEmpty)
        #expect(throttle.table.count == 0)
    }

    @Test mutating func `another budget applies to what has happened already`() {
        for second in 0..<3 { fail(shop, at: alice, after: second) }
        _ = throttle.change(budget: 2, window: .seconds(900), at: start + .seconds(3))
        #expect(begin(shop, at: alice, after: 3) == .seconds(901 - 3))
        _ = throttle.change(budget: 4, window: .seconds(900), at: start + .seconds(4))
        #expect(begin(shop, at: alice, after: 4) == nil)
    }

    @Test mutating func `another window does too, but what has expired stays forgotten`() {
        for second in 0..<4 { fail(shop, at: alice, after: second) }
        _ = throttle.change(budget: 4, window: .seconds(60), at: start + .seconds(10))
        #expect(begin(shop, at: alice, after: 20) == .seconds(40))
        _ = throttle.change(budget: 4, window: .seconds(1800), at: start + .seconds(61))
        #expect(throttle.failures(at: alice) == 2)
        _ = throttle.change(budget: 2, window: .seconds(1800), at: start + .seconds(62))
        #expect(begin(shop, at: alice, after: 1800) == .seconds(2))
    }

    @Test mutating func `an instant before one that was seen counts as that one`() {
        for _ in 0..<4 { fail(shop, at: alice, after: 100) }
        #expect(begin(shop, at: alice, after: 50) == .seconds(900))
        #expect(fail(blog, at: alice, after: 40) == false)
        #expect(begin(shop, at: alice, after: 1000) == nil, "all five have expired together")
    }

    @Test func `an attempt that nobody began cannot end`() async {
        await #expect(processExitsWith: .failure) {
            var throttle = AttemptThrottle(budget: 4, window: .seconds(900), capacity: 100)
            let target = ThrottleSamples.target(1)
            let caller = ThrottleSamples.caller(1)
            _ = throttle.release(of: target, by: caller, at: target, .failed, now: ThrottleSamples.start)
        }
    }
}

@Suite struct WaitingAttemptsTests {
    let shop = ThrottleRecord.Pair(target: ThrottleSamples.target(1), caller: ThrottleSamples.caller(1001))
    let blog = ThrottleRecord.Pair(target: ThrottleSamples.target(1), caller: ThrottleSamples.caller(1002))

    @Test func `each caller at a target has a queue of its own, and any attempt can leave`() {
        var generator = SeededGenerator(seed: 11)
        var waiting = WaitingAttempts()
        var model: [ThrottleRecord.Pair: [UInt64]] = [shop: [], blog: []]
        var next: UInt64 = 0
        for _ in 0..<20_000 {
            let pair = Bool.random(using: &generator) ? shop : blog
            if Bool.random(using: &generator), let gone = model[pair]?.randomElement(using: &generator) {
                model[pair]?.removeAll { $0 == gone }
                let removals = [waiting.remove(gone), waiting.remove(gone)]
                #expect(removals == [true, false])
            } else if model[pair, default: []].count < 40 {
                next += 1
                waiting.append(next, to: pair)
                model[pair]?.append(next)
            }
            for (pair, queue) in model {
                #expect(waiting.first(of: pair) == queue.first && waiting.count(of: pair) == queue.count)
            }
            #expect(waiting.count == model.values.map(\.count).reduce(0, +))
            #expect(Set(waiting.pairs) == Set(model.filter { !$0.value.isEmpty }.keys))
        }
    }
}
