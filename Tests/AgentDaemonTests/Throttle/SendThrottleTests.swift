import Testing

@testable import AgentDaemon

@Suite struct SendThrottleTests {
    let start = ThrottleSamples.start
    let shop = ThrottleRecord.Pair(target: ThrottleSamples.target(1), caller: ThrottleSamples.caller(1001))
    let blog = ThrottleRecord.Pair(target: ThrottleSamples.target(1), caller: ThrottleSamples.caller(1002))
    let shopToBob = ThrottleRecord.Pair(target: ThrottleSamples.target(2), caller: ThrottleSamples.caller(1001))

    var throttle = SendThrottle(limits: ThrottleLimits(), capacity: 100)

    let code = ThrottleSamples.mailedCode
    let link = ThrottleSamples.mailedLink

    mutating func wait(_ pair: ThrottleRecord.Pair, _ kind: SendKind? = nil, after seconds: Int) -> Duration? {
        throttle.wait(for: pair, kind ?? code, now: start + .seconds(seconds))
    }

    mutating func send(
        _ pair: ThrottleRecord.Pair,
        _ kind: SendKind? = nil,
        after seconds: Int
    ) -> (slot: Int, serial: UInt64) {
        throttle.record(pair, kind ?? code, now: start + .seconds(seconds))
    }

    @Test mutating func `each kind of message has an interval of its own, and all share the budget`() {
        _ = send(shop, code, after: 0)
        #expect(wait(shop, link, after: 0) == nil)
        _ = send(shop, link, after: 10)
        #expect(wait(shop, code, after: 10) == .seconds(20))
        #expect(wait(shop, link, after: 10) == .seconds(30))
        #expect(throttle.remaining(of: shop, now: start + .seconds(10)) == .seconds(30), "until all may be sent")
        for second in [30, 60, 90] {
            #expect(wait(shop, code, after: second) == nil)
            _ = send(shop, code, after: second)
        }
        #expect(wait(shop, link, after: 120) == .seconds(3480))
        #expect(wait(shop, SendKind(method: "otp.send", channel: "sms"), after: 120) == .seconds(3480))
        #expect(SendKind(method: "otp.send", channel: "sms") != code && link != code)
    }

    @Test mutating func `an old interval is found behind many of another kind`() {
        throttle.change(ThrottleLimits(sendInterval: .seconds(60), sendBudget: 2, sendWindow: .seconds(5)), at: start)
        _ = send(shop, link, after: 0)
        for second in 1...8 { _ = send(shop, code, after: second * 6) }
        #expect(wait(shop, link, after: 50) == .seconds(10))
    }

    @Test mutating func `between two sends lies the interval, for the same caller and target`() {
        #expect(wait(shop, after: 0) == nil)
        _ = send(shop, after: 0)
        #expect(wait(shop, after: 0) == .seconds(30))
        #expect(throttle.wait(for: shop, code, now: start + .seconds(30) - .nanoseconds(1)) == .nanoseconds(1))
        #expect(wait(blog, after: 0) == nil)
        #expect(wait(shopToBob, after: 0) == nil)
        #expect(wait(shop, after: 30) == nil)
    }

    @Test mutating func `the sends of an hour are limited`() {
        for number in 0..<5 {
            #expect(wait(shop, after: number * 30) == nil)
            _ = send(shop, after: number * 30)
        }
        #expect(wait(shop, after: 120) == .seconds(3600 - 120))
        #expect(throttle.count(of: shop, now: start + .seconds(120)) == 5)
        #expect(wait(shop, after: 3599) == .seconds(1))
        #expect(wait(shop, after: 3600) == nil)
        _ = send(shop, after: 3600)
        #expect(wait(shop, after: 3600) == .seconds(30), "the interval and the budget end together")
        #expect(throttle.count(of: shop, now: start + .seconds(3600)) == 5)
        _ = send(shop, after: 3630)
        #expect(wait(shop, after: 3631) == .seconds(3660 - 3631), "the interval is the longer wait")
    }

    @Test mutating func `what has not been sent takes no room`() {
        let ticket = send(shop, after: 0)
        throttle.giveBack(slot: ticket.slot, serial: ticket.serial)
        #expect(wait(shop, after: 0) == nil)
        let other = send(blog, after: 1)
        #expect(other.slot == ticket.slot, "the slot is used again")
        throttle.giveBack(slot: ticket.slot, serial: ticket.serial)
        #expect(wait(blog, after: 1) != nil, "and an old ticket does not reach what stands there now")
    }

    @Test mutating func `an interval longer than the window holds`() {
        throttle.change(ThrottleLimits(sendInterval: .seconds(60), sendWindow: .seconds(10)), at: start)
        _ = send(shop, after: 0)
        #expect(wait(shop, after: 20) == .seconds(40))
        #expect(throttle.count(of: shop, now: start + .seconds(20)) == 0)
        #expect(wait(shop, after: 60) == nil)
        #expect(throttle.table.count == 0)
    }

    @Test mutating func `no interval leaves the budget`() {
        throttle.change(ThrottleLimits(sendInterval: .zero, sendBudget: 2), at: start)
        for _ in 0..<2 {
            #expect(wait(shop, after: 0) == nil)
            _ = send(shop, after: 0)
        }
        #expect(wait(shop, after: 0) == .seconds(3600))
    }

    @Test mutating func `other limits apply to what has been sent already`() {
        _ = send(shop, after: 0)
        _ = send(shop, after: 40)
        throttle.change(ThrottleLimits(sendBudget: 2), at: start + .seconds(50))
        #expect(wait(shop, after: 100) == .seconds(3500))
        throttle.change(ThrottleLimits(sendInterval: .seconds(120)), at: start + .seconds(100))
        #expect(wait(shop, after: 100) == .seconds(60))
        throttle.change(ThrottleLimits(sendInterval: .zero, sendWindow: .seconds(5)), at: start + .seconds(100))
        #expect(throttle.table.count == 0)
    }
}

@Suite struct SendRatesTests {
    let start = ThrottleSamples.start

    var rates = SendRates(budget: 4, window: .seconds(40), capacity: 3)

    mutating func send(_ uid: UInt32, after seconds: Int) -> Duration? {
        let now = start + .seconds(seconds)
        if let wait = rates.wait(for: uid, now: now) { return wait }
        rates.record(uid, now: now)
        return nil
    }

    func used(_ uid: UInt32, after seconds: Int) -> Int { rates.used(by: uid, now: start + .seconds(seconds)) }

    @Test mutating func `a burst of the whole budget passes, then one at a time`() {
        for _ in 0..<4 { #expect(send(1, after: 0) == nil) }
        #expect(send(1, after: 0) == .seconds(10))
        #expect(rates.wait(for: 1, now: start + .seconds(10) - .nanoseconds(1)) == .nanoseconds(1))
        #expect(send(1, after: 10) == nil)
        #expect(send(1, after: 10) == .seconds(10))
        #expect(send(2, after: 10) == nil, "each uid has its own")
    }

    @Test mutating func `what is used refills evenly, and no further than whole`() {
        for _ in 0..<3 { #expect(send(1, after: 0) == nil) }
        #expect([0, 5, 10, 15, 20, 30, 1000].map { used(1, after: $0) } == [3, 3, 2, 2, 1, 0, 0])
        for _ in 0..<4 { #expect(send(1, after: 1000) == nil) }
        #expect(send(1, after: 1000) != nil)
    }

    @Test mutating func `a send that has not happened is given back, and no more than that`() {
        for _ in 0..<4 { #expect(send(1, after: 0) == nil) }
        rates.giveBack(1)
        #expect(send(1, after: 0) == nil)
        #expect(send(1, after: 0) != nil)
        for _ in 0..<10 { rates.giveBack(1) }
        for _ in 0..<4 { #expect(send(1, after: 0) == nil) }
        #expect(send(1, after: 0) != nil)
        rates.giveBack(99)
        #expect(used(99, after: 0) == 0)
    }

    @Test mutating func `another budget keeps what is used`() {
        for _ in 0..<3 { _ = send(1, after: 0) }
        rates.change(budget: 8, window: .seconds(40), at: start)
        #expect(used(1, after: 0) == 3)
        for _ in 0..<5 { #expect(send(1, after: 0) == nil) }
        #expect(send(1, after: 0) == .seconds(5))
        rates.change(budget: 2, window: .seconds(40), at: start)
        #expect(used(1, after: 0) == 2, "though no longer than it takes to refill everything")
        #expect(send(1, after: 0) == .seconds(20))
    }

    @Test mutating func `when there is no room, the uid with least to lose goes`() {
        for (uid, count) in [(1, 3), (2, 1), (3, 2)] as [(UInt32, Int)] {
            for _ in 0..<count { _ = send(uid, after: 0) }
        }
        _ = send(4, after: 1)
        #expect([1, 2, 3, 4].map { used($0, after: 1) } == [3, 0, 2, 1])
        #expect(rates.evicted == 1)
        _ = send(5, after: 15)
        #expect([1, 2, 3, 4, 5].map { used($0, after: 15) } == [2, 0, 1, 0, 1])
        #expect(rates.evicted == 1, "one that was whole again does not count as lost")
        #expect(rates.rates.count == 3)
    }

    @Test(arguments: [(1, 86_400), (7, 3600), (3600, 3600), (99_999, 1), (100_000, 86_400)])
    func `a burst is exactly the budget`(budget: Int, window: Int) {
        var rates = SendRates(budget: budget, window: .seconds(window), capacity: 1)
        for _ in 1..<budget { rates.record(1, now: start) }
        #expect(rates.wait(for: 1, now: start) == nil)
        rates.record(1, now: start)
        #expect(rates.used(by: 1, now: start) == budget)
        #expect(rates.wait(for: 1, now: start) == rates.refill)
        rates.changesWereCopied()
    }
}
