import Testing

@testable import AgentDaemon

@Suite struct AttemptThrottleTests {
    let start = ThrottleSamples.start
    let alice = ThrottleSamples.target(1)
    let bob = ThrottleSamples.target(2)
    let shop = ThrottleSamples.caller(1001)
    let blog = ThrottleSamples.caller(1002)

    var throttle = AttemptThrottle(budget: 4, window: .seconds(900), capacity: 100)

    /// Fails once; answers whether it was let through, and that used the budget up.
    @discardableResult
    mutating func fail(_ caller: ThrottleCaller, at target: ThrottleTarget, after seconds: Int) -> Bool? {
        let now = start + .seconds(seconds)
        guard throttle.begin(at: target, by: caller, now: now) == nil else { return nil }
        return throttle.end(of: target, by: caller, at: target, .failed, now: now)
    }

    mutating func begin(_ caller: ThrottleCaller, at target: ThrottleTarget, after seconds: Int) -> Duration? {
        throttle.begin(at: target, by: caller, now: start + .seconds(seconds))
    }

    mutating func end(_ caller: ThrottleCaller, at target: ThrottleTarget, _ end: AttemptEnd, after seconds: Int) {
        _ = throttle.end(of: target, by: caller, at: target, end, now: start + .seconds(seconds))
    }

    @Test mutating func `the attempt after the last of the budget waits until the first has expired`() {
        for second in 0..<4 { #expect(fail(shop, at: alice, after: second) == (second == 3)) }
        #expect(begin(shop, at: alice, after: 10) == .seconds(890))
        #expect(begin(shop, at: alice, after: 899) == .seconds(1))
        #expect(throttle.begin(at: alice, by: shop, now: start + .seconds(900) - .nanoseconds(1)) == .nanoseconds(1))
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

    @Test mutating func `an attempt under way counts as if it had failed`() {
        for _ in 0..<4 { #expect(begin(shop, at: alice, after: 0) == nil) }
        #expect(begin(shop, at: alice, after: 0) == .seconds(1), "what is under way ends in its own time")
        #expect(begin(blog, at: alice, after: 0) == nil, "a caller with none there passes")
        #expect(begin(blog, at: alice, after: 0) == .seconds(1), "and then is like the other")
        end(blog, at: alice, .undecided, after: 1)
        end(shop, at: alice, .undecided, after: 1)
        #expect(begin(shop, at: alice, after: 1) == nil)
    }

    @Test mutating func `failures that use the budget up wait for room beside the attempts under way`() {
        for second in 0..<3 { fail(shop, at: alice, after: second) }
        #expect(begin(shop, at: alice, after: 3) == nil)
        #expect(fail(blog, at: alice, after: 4) == true)
        // 4 failures, at 0, 1, 2 and 4, and one attempt: two must go until another attempt fits.
        #expect(begin(shop, at: alice, after: 10) == .seconds(901 - 10))
        end(shop, at: alice, .undecided, after: 11)
        #expect(begin(shop, at: alice, after: 12) == .seconds(900 - 12))
    }

    @Test mutating func `more attempts under way than budget wait for the last failure, if failures are in the way`() {
        for number in 0..<5 { _ = begin(ThrottleSamples.caller(UInt32(number)), at: alice, after: 0) }
        for number in 10..<14 { fail(ThrottleSamples.caller(UInt32(number)), at: alice, after: number) }
        #expect(begin(ThrottleSamples.caller(10), at: alice, after: 20) == .seconds(913 - 20))
    }

    @Test mutating func `the failure counts where the attempt turned out to be about`() {
        let known = ThrottleSamples.target(1, application: "known later")
        for second in 0..<4 {
            #expect(begin(shop, at: alice, after: second) == nil)
            let now = start + .seconds(second)
            #expect(throttle.end(of: alice, by: shop, at: known, .failed, now: now) == (second == 3))
        }
        #expect(throttle.failures(at: alice) == 0)
        #expect(begin(shop, at: known, after: 5) != nil)
        #expect(begin(blog, at: alice, after: 5) == nil)
        #expect(throttle.targets.count == 2)
        _ = throttle.end(of: alice, by: blog, at: alice, .undecided, now: start + .seconds(6))
        #expect(throttle.targets.count == 1, "what is idle is forgotten")
    }

    @Test mutating func `success forgives at both targets`() {
        let known = ThrottleSamples.target(1, application: "known later")
        fail(shop, at: alice, after: 0)
        fail(shop, at: known, after: 0)
        #expect(begin(shop, at: alice, after: 1) == nil)
        _ = throttle.end(of: alice, by: shop, at: known, .succeeded, now: start + .seconds(2))
        #expect(throttle.targets.isEmpty)
        #expect(throttle.table.count == 0)
    }

    @Test mutating func `another budget applies to what has happened already`() {
        for second in 0..<3 { fail(shop, at: alice, after: second) }
        throttle.change(budget: 2, window: .seconds(900), at: start + .seconds(3))
        #expect(begin(shop, at: alice, after: 3) == .seconds(901 - 3))
        throttle.change(budget: 4, window: .seconds(900), at: start + .seconds(4))
        #expect(begin(shop, at: alice, after: 4) == nil)
    }

    @Test mutating func `another window does too, but what has expired stays forgotten`() {
        for second in 0..<4 { fail(shop, at: alice, after: second) }
        throttle.change(budget: 4, window: .seconds(60), at: start + .seconds(10))
        #expect(begin(shop, at: alice, after: 20) == .seconds(40))
        throttle.change(budget: 4, window: .seconds(1800), at: start + .seconds(61))
        #expect(throttle.failures(at: alice) == 2)
        throttle.change(budget: 2, window: .seconds(1800), at: start + .seconds(62))
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
            _ = throttle.end(of: target, by: caller, at: target, .failed, now: ThrottleSamples.start)
        }
    }
}
