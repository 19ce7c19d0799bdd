import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct ThrottleConcurrencyTests {
    let clock = TestClock(origin: ThrottleSamples.start)
    let target = ThrottleSamples.target(1)

    @Test(.longTimeLimit, arguments: [0, 1, 3, 4])
    func `concurrent attempts of one caller never are more than its budget has left`(failures: Int) async {
        let throttle = Throttle(clock: clock)
        let caller = ThrottleSamples.caller(1000)
        for _ in 0..<failures {
            if let ticket = try? throttle.beginAttempt(at: target, by: caller) {
                throttle.release(ticket, at: target, .failed)
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

    @Test(.longTimeLimit) func `guesses that end while others begin are never more than the budget`() async {
        let throttle = Throttle(clock: clock)
        let guessers = await withTaskGroup(of: UInt32?.self) { group in
            for number in 0..<2000 {
                group.addTask { [target] in
                    let uid = UInt32(number % 8)
                    guard let ticket = try? throttle.beginAttempt(at: target, by: ThrottleSamples.caller(uid))
                    else { return nil }
                    await Task.yield()
                    throttle.release(ticket, at: target, .failed)
                    return uid
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
        }
        #expect(Set(guessers).count == 8, "each caller has its first attempt")
        // Attempts of others hold up nobody, so each may have begun as many as the budget before the first has failed.
        for uid in Set(guessers) { #expect(guessers.count { $0 == uid } <= 4) }
        #expect(throttle.report(.all, limit: 1).attempts.first?.failures == guessers.count)
        #expect(throttle.totals.attemptsInFlight == 0)
    }

    @Test(.longTimeLimit) func `concurrent right logins all pass, four at a time`() async {
        let throttle = Throttle(clock: clock)
        let caller = ThrottleSamples.caller(1000)
        // How many were under way together, as each of them has seen it; nil for one that was not let through.
        let seen = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<20 {
                group.addTask { [target] in
                    let ticket: AttemptTicket
                    switch try? throttle.requestAttempt(at: target, by: caller) {
                    case .admitted(let admitted)?: ticket = admitted
                    case .waiting(let attempt)?:
                        guard case .admitted(let admitted) = await throttle.end(of: attempt) else { return nil }
                        ticket = admitted
                    case nil: return nil
                    }
                    let count = throttle.totals.attemptsInFlight
                    await Task.yield()
                    throttle.release(ticket, at: target, .succeeded)
                    return count
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
        }
        #expect(seen.count == 20)
        #expect(seen.allSatisfy { 1...4 ~= $0 })
        #expect(throttle.totals.attemptsInFlight == 0)
    }

    @Test(.longTimeLimit) func `a task that is cancelled while its attempt waits leaves the queue`()
        async throws
    {
        let throttle = Throttle(clock: clock)
        let caller = ThrottleSamples.caller(1000)
        let tickets = try (0..<4).map { _ in try throttle.beginAttempt(at: target, by: caller) }
        for isCancelledFirst in [false, true] {
            guard case .waiting(let attempt) = try throttle.requestAttempt(at: target, by: caller) else {
                Issue.record("it should wait")
                return
            }
            let task = Task {
                if isCancelledFirst { while !Task.isCancelled { await Task.yield() } }
                return await throttle.end(of: attempt)
            }
            task.cancel()
            guard case .left = await task.value else {
                Issue.record("it should have left")
                return
            }
        }
        for ticket in tickets { throttle.release(ticket, at: target, .succeeded) }
        #expect(throttle.totals.attemptsInFlight == 0, "nobody was admitted who had left")
    }

    @Test(.longTimeLimit) func `of concurrent sends to a target one is let through`() async {
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
