import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct ThrottleConcurrencyTests {
    let clock = TestClock(origin: ThrottleSamples.start)
    let target = ThrottleSamples.target(1)

    @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 3, 4])
    func `concurrent attempts of one caller never are more than its budget has left`(failures: Int) async {
        let throttle = Throttle(clock: clock)
        let caller = ThrottleSamples.caller(1000)
        for _ in 0..<failures {
            if let ticket = try? throttle.beginAttempt(at: target, by: caller) {
                throttle.end(ticket, at: target, .failed)
            }
        }
        let admitted = await withTaskGroup { group in
            for _ in 0..<500 {
                group.addTask { (try? throttle.beginAttempt(at: target, by: caller)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 4 - failures)
        #expect(throttle.totals.attemptsInFlight == 4 - failures)
    }

    @Test(.timeLimit(.minutes(1))) func `guesses that end while others begin are never more than the budget`() async {
        let throttle = Throttle(clock: clock)
        let guessers = await withTaskGroup(of: UInt32?.self) { group in
            for number in 0..<2000 {
                group.addTask { [target] in
                    let uid = UInt32(number % 8)
                    guard let ticket = try? throttle.beginAttempt(at: target, by: ThrottleSamples.caller(uid))
                    else { return nil }
                    await Task.yield()
                    throttle.end(ticket, at: target, .failed)
                    return uid
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
        }
        #expect(Set(guessers).count == 8, "each caller has its first attempt")
        // The first of each may come when the budget is used up; all others need room in it.
        #expect(guessers.count <= 4 + 7)
        #expect(throttle.report(.all, limit: 1).attempts.first?.failures == guessers.count)
        #expect(throttle.totals.attemptsInFlight == 0)
    }

    @Test(.timeLimit(.minutes(1))) func `of concurrent sends to a target one is let through`() async {
        let throttle = Throttle(clock: clock)
        let sent = await withTaskGroup { group in
            for _ in 0..<500 {
                group.addTask { [target] in
                    (try? throttle.beginSend(to: target, by: ThrottleSamples.caller(1))) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(sent == 1)
        #expect(throttle.totals.refused[.sends] == 499)
    }
}
