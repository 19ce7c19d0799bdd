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
        var waiting: [Int: WaitingAttempt] = [:]
        var sends: [(SendTicket, NaiveThrottle.Event)] = []
        var asked = 0
        var admitted = 0
        var admittedAfterWaiting = 0
        var left = 0
        var refused: [ThrottleRejection.Budget: Int] = [:]

        /// Whether few callers on few targets get many answers without a decision, so that these come to matter.
        let isNarrow: Bool

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            isNarrow = seed.isMultiple(of: 3)
            var limits = Self.limits(using: &generator)
            if isNarrow { limits.attemptWindow = .seconds(600) }
            // Little room in every other run, so that records have to go; and then sends and rates have enough of it.
            let capacity = ThrottleCapacity(
                failures: seed.isMultiple(of: 2) ? 12 : 10_000,
                undecided: seed.isMultiple(of: 2) ? (isNarrow ? 200 : 40) : 10_000,
                sends: 10_000,
                rates: 100
            )
            model = NaiveThrottle(limits: limits, capacity: capacity)
            throttle = Throttle(limits: limits, capacity: capacity, clock: clock)
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
                .random(in: 0..<(isNarrow ? 1 : 3), using: &generator),
                application: .random(using: &generator) ? "a" : "b"
            )
        }

        mutating func caller() -> ThrottleCaller {
            let addresses = isNarrow ? [nil] : [nil, "198.51.100.7", "2001:db8::1"]
            let address = addresses.randomElement(using: &generator) ?? nil
            return ThrottleSamples.caller(.random(in: 1000..<1002, using: &generator), address)
        }

        mutating func step() throws {
            switch Int.random(in: 0..<100, using: &generator) {
            case ..<25: try requestAttempts(at: target(), by: caller())
            case ..<52: try releaseAttempt()
            case ..<55: leave()
            case ..<72: try send(to: target(), by: caller())
            case ..<76: giveBack()
            case ..<98: clock.advance(by: .milliseconds(Int.random(in: 0...8000, using: &generator)))
            case ..<99:
                var limits = Self.limits(using: &generator)
                if isNarrow { limits.attemptWindow = model.limits.attemptWindow }
                throttle.change(limits)
                model.change(limits, now: clock.now)
                settle(model.decideWaiting(now: clock.now))
            default: try clear()
            }
        }

        /// One attempt, or now and then many at once.
        mutating func requestAttempts(at target: ThrottleTarget, by caller: ThrottleCaller) throws {
            let count = Int.random(in: 0..<20, using: &generator) == 0 ? 24 : 1
            for _ in 0..<count {
                asked += 1
                let event = NaiveThrottle.Event(target: target, caller: caller, instant: clock.now, number: asked)
                let (expected, before) = model.request(event, now: clock.now)
                do throws(ThrottleRejection) {
                    switch try throttle.requestAttempt(at: target, by: caller) {
                    case .admitted(let ticket):
                        #expect(expected == .admitted)
                        attempts.append((ticket, event))
                        admitted += 1
                    case .waiting(let attempt):
                        #expect(expected == .waiting)
                        waiting[event.number] = attempt
                    }
                } catch {
                    #expect(expected == .refused(error))
                    refused[error.budget, default: 0] += 1
                }
                settle(before)
            }
        }

        /// Compares what became of attempts that have waited.
        mutating func settle(_ decided: [(NaiveThrottle.Event, NaiveThrottle.Decision)]) {
            for (event, decision) in decided {
                switch (waiting.removeValue(forKey: event.number)?.ended, decision) {
                case (.admitted(let ticket)?, .admitted):
                    attempts.append((ticket, event))
                    admittedAfterWaiting += 1
                case (.refused(let refusal)?, .refused(let expected)):
                    #expect(refusal == expected)
                    refused[refusal.budget, default: 0] += 1
                case (let ended, _): Issue.record("\(decision) is expected, and not \(String(describing: ended))")
                }
            }
        }

        mutating func releaseAttempt() throws {
            guard let index = attempts.indices.randomElement(using: &generator) else { return }
            let (ticket, event) = attempts.remove(at: index)
            let ends: [AttemptEnd] =
                isNarrow
                ? Array(repeating: .undecidedAnswer, count: 30) + [.succeeded, .failed]
                : [.failed, .failed, .failed, .failures(2), .undecided, .succeeded, .undecidedAnswer]
            let end = ends.randomElement(using: &generator) ?? .failed
            // Now and then it turns out to be another application.
            let at = Int.random(in: 0..<4, using: &generator) == 0 ? target() : event.target
            let (isExhausted, decided) = model.release(event, at: at, end, now: clock.now)
            #expect(throttle.release(ticket, at: at, end) == isExhausted)
            settle(decided)
        }

        mutating func leave() {
            guard let number = waiting.keys.sorted().randomElement(using: &generator),
                let attempt = waiting.removeValue(forKey: number)
            else { return }
            throttle.leave(attempt)
            if case .left? = attempt.ended {} else { Issue.record("it has left") }
            throttle.leave(attempt)
            model.waiting.removeAll { $0.number == number }
            left += 1
        }

        mutating func send(to target: ThrottleTarget, by caller: ThrottleCaller) throws {
            let kind = Bool.random(using: &generator) ? ThrottleSamples.mailedCode : ThrottleSamples.mailedLink
            let expected = model.waitForSend(to: target, by: caller, kind, now: clock.now)
            do throws(ThrottleRejection) {
                let ticket = try throttle.beginSend(to: target, by: caller, kind)
                #expect(expected == nil)
                sends.append((ticket, model.send(to: target, by: caller, kind, now: clock.now)))
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
            settle(model.decideWaiting(now: clock.now))
        }

        func compare() {
            let now = clock.now
            let report = throttle.report(.all, limit: 1000)
            for entry in report.attempts {
                #expect(entry.failures == model.failures(at: entry.target, now: now).count)
                #expect(entry.inFlight == model.inFlight.count { $0.target == entry.target })
                let answers = model.undecided.filter { now < $0.instant + model.limits.attemptWindow }
                #expect(entry.undecided == answers.count { $0.target == entry.target })
                #expect(entry.callers.map(\.failures).reduce(0, +) == entry.failures)
            }
            var known = model
            known.forgetExpired(now: now)
            #expect(report.attemptCount == Set((known.failures + known.undecided + known.inFlight).map(\.target)).count)
            for entry in report.sends {
                #expect(entry.count == model.sends(entry.target, entry.caller, now: now).count)
            }
            #expect(report.callers.count == known.debts.count)
            let totals = throttle.totals
            #expect(totals.failures.count == known.failures.count)
            #expect(totals.undecided.count == known.undecided.count)
            #expect(totals.evicted == known.evicted)
            #expect(waiting.values.allSatisfy { $0.ended == nil })
            #expect(waiting.count == model.waiting.count)
            #expect(totals.sends.count == known.sends.count)
            #expect(totals.rates.count == known.debts.count)
            #expect(totals.attemptsInFlight == known.inFlight.count)
            #expect(totals.refused == refused)
        }
    }

    @Test(.longTimeLimit, arguments: 1...12 as ClosedRange<UInt64>)
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
        if seed.isMultiple(of: 3) {
            #expect(run.refused[.undecided, default: 0] > 5)
        } else {
            #expect(run.admittedAfterWaiting > 20 && run.left > 5)
            #expect((run.model.evicted > 5) == seed.isMultiple(of: 2))
            var budgets = Set(ThrottleRejection.Budget.allCases).subtracting([.undecided])
            if !seed.isMultiple(of: 2) { budgets.remove(.callerAttempts) }
            for budget in budgets {
                #expect(run.refused[budget, default: 0] > 5, "the events are such that \(budget) matters")
            }
        }
    }
}
