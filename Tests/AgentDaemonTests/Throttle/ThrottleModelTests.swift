import TestSupport
import Testing

@testable import AgentDaemon

/// The throttle against a naive model of it, by the same random events.
@Suite struct ThrottleModelTests {
    private struct Run {
        let clock = TestClock(origin: ThrottleSamples.start)
        var generator: SeededGenerator
        var model: NaiveThrottle
        let throttle: Throttle
        var attempts: [(AttemptTicket, NaiveThrottle.Event)] = []
        var sends: [(SendTicket, NaiveThrottle.Event)] = []
        var admitted = 0
        var refused: [ThrottleRefusal.Budget: Int] = [:]

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            let limits = Self.limits(using: &generator)
            model = NaiveThrottle(limits: limits)
            throttle = Throttle(limits: limits, clock: clock)
        }

        static func limits(using generator: inout SeededGenerator) -> ThrottleLimits {
            ThrottleLimits(
                attemptBudget: .random(in: 1...5, using: &generator),
                attemptWindow: .seconds(Int.random(in: 1...100, using: &generator)),
                sendInterval: .seconds(Int.random(in: 0...30, using: &generator)),
                sendBudget: .random(in: 1...5, using: &generator),
                // Windows that divide evenly: the model computes with the time that one send takes to refill.
                sendWindow: .seconds([8, 64, 256].randomElement(using: &generator) ?? 8),
                callerSendBudget: [1, 4, 16].randomElement(using: &generator) ?? 1
            )
        }

        mutating func target() -> ThrottleTarget {
            ThrottleSamples.target(
                .random(in: 0..<3, using: &generator),
                application: .random(using: &generator) ? "a" : "b"
            )
        }

        mutating func caller() -> ThrottleCaller {
            let address = [nil, "198.51.100.7", "2001:db8::1"].randomElement(using: &generator) ?? nil
            return ThrottleSamples.caller(.random(in: 1000..<1002, using: &generator), address)
        }

        mutating func step() throws {
            switch Int.random(in: 0..<100, using: &generator) {
            case ..<25: try beginAttempt(at: target(), by: caller())
            case ..<50: try endAttempt()
            case ..<70: try send(to: target(), by: caller())
            case ..<75: giveBack()
            case ..<98: clock.advance(by: .milliseconds(Int.random(in: 0...8000, using: &generator)))
            case ..<99:
                let limits = Self.limits(using: &generator)
                throttle.change(limits)
                model.change(limits, now: clock.now)
            default: try clear()
            }
        }

        mutating func beginAttempt(at target: ThrottleTarget, by caller: ThrottleCaller) throws {
            let expected = model.waitForAttempt(at: target, by: caller, now: clock.now)
            do throws(ThrottleRefusal) {
                let ticket = try throttle.beginAttempt(at: target, by: caller)
                try? #require(expected == nil, "the model refuses")
                let event = NaiveThrottle.Event(target: target, caller: caller, instant: clock.now)
                model.inFlight.append(event)
                attempts.append((ticket, event))
                admitted += 1
            } catch {
                #expect(error == ThrottleRefusal(budget: .attempts, retryAfter: expected ?? .zero))
                refused[error.budget, default: 0] += 1
            }
        }

        mutating func endAttempt() throws {
            guard let index = attempts.indices.randomElement(using: &generator) else { return }
            let (ticket, event) = attempts.remove(at: index)
            let end =
                [AttemptEnd.failed, .failed, .failed, .failedTwice, .undecided, .succeeded]
                .randomElement(using: &generator) ?? .failed
            // Now and then it turns out to be another application.
            let at = Int.random(in: 0..<4, using: &generator) == 0 ? target() : event.target
            #expect(throttle.end(ticket, at: at, end) == model.end(event, at: at, end, now: clock.now))
        }

        mutating func send(to target: ThrottleTarget, by caller: ThrottleCaller) throws {
            let expected = model.waitForSend(to: target, by: caller, now: clock.now)
            do throws(ThrottleRefusal) {
                let ticket = try throttle.beginSend(to: target, by: caller)
                #expect(expected == nil)
                sends.append((ticket, model.send(to: target, by: caller, now: clock.now)))
                admitted += 1
            } catch {
                #expect(error == expected)
                refused[error.budget, default: 0] += 1
            }
        }

        mutating func giveBack() {
            guard let index = sends.indices.randomElement(using: &generator) else { return }
            let (ticket, event) = sends.remove(at: index)
            // Long ago, it would have an effect on the rate that nobody needs to define.
            guard model.sends.contains(event) else { return }
            throttle.giveBack(ticket)
            model.giveBack(event, now: clock.now)
        }

        mutating func clear() throws {
            let selection: ThrottleSelection =
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: .all
                case 1: .targets([target(), target()])
                case 2: .digest(target().digest)
                default: .uid(caller().uid)
                }
            #expect(throttle.clear(selection) == model.clear(selection, now: clock.now))
        }

        func compare() {
            let now = clock.now
            let report = throttle.report(.all, limit: 1000)
            for entry in report.attempts {
                #expect(entry.failures == model.failures(at: entry.target, now: now).count)
                #expect(entry.inFlight == model.inFlight.count { $0.target == entry.target })
                #expect(entry.callers.map(\.failures).reduce(0, +) == entry.failures)
            }
            var known = model
            known.forgetExpired(now: now)
            #expect(report.attemptCount == Set((known.failures + known.inFlight).map(\.target)).count)
            for entry in report.sends {
                #expect(entry.count == model.sends(entry.target, entry.caller, now: now).count)
            }
            #expect(report.callers.count == known.debts.count)
            let totals = throttle.totals
            #expect(totals.failures.count == known.failures.count)
            #expect(totals.sends.count == known.sends.count)
            #expect(totals.rates.count == known.debts.count)
            #expect(totals.attemptsInFlight == known.inFlight.count)
            #expect(totals.refused == refused)
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: 1...12 as ClosedRange<UInt64>)
    func `it does what the model does`(seed: UInt64) throws {
        var run = Run(seed: seed)
        for step in 0..<6000 {
            try run.step()
            if step % 50 == 0 {
                run.compare()
                run.model.forgetExpired(now: run.clock.now)
            }
        }
        #expect(run.admitted > 100)
        for budget in ThrottleRefusal.Budget.allCases {
            #expect(run.refused[budget, default: 0] > 5, "the events are such that \(budget) matters")
        }
    }
}
