import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `The test clock` {
    @Test func `stands still until it is moved, and then by exactly as much`() {
        let clock = TestClock()
        let start = clock.now
        #expect(clock.now == start)
        clock.advance(by: .seconds(3))
        #expect(start.duration(to: clock.now) == .seconds(3))
        clock.advance(to: start + .seconds(5))
        #expect(start.duration(to: clock.now) == .seconds(5))
    }

    @Test func `ends a wait when it reaches its deadline, not before`() async throws {
        let clock = TestClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await clock.sleep(until: start + .seconds(10), tolerance: nil)
            }
            #expect(await clock.nextTimerScheduled() == start + .seconds(10))
            clock.advance(to: start + .seconds(9))
            #expect(clock.pendingTimers == 1)
            clock.advance(to: start + .seconds(10))
            try await group.waitForAll()
        }
        #expect(clock.pendingTimers == 0)
    }

    @Test func `returns at once from a wait whose deadline has passed`() async throws {
        let clock = TestClock()
        try await clock.sleep(until: clock.now, tolerance: nil)
        try await clock.sleep(until: clock.now - .seconds(1), tolerance: nil)
        #expect(clock.pendingTimers == 0)
    }

    @Test func `reports each wait once, in the order in which they began`() async throws {
        let clock = TestClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(until: start + .seconds(2), tolerance: nil) }
            let first = await clock.nextTimerScheduled()
            group.addTask { try await clock.sleep(until: start + .seconds(1), tolerance: nil) }
            let second = await clock.nextTimerScheduled()
            #expect([first, second] == [start + .seconds(2), start + .seconds(1)])
            clock.advance(by: .seconds(2))
            try await group.waitForAll()
        }
    }

    @Test func `ends a cancelled wait with a cancellation error`() async {
        let clock = TestClock()
        let start = clock.now
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await clock.sleep(until: start + .seconds(1), tolerance: nil)
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            _ = await clock.nextTimerScheduled()
            group.cancelAll()
            #expect(await group.next() == true)
        }
        #expect(clock.pendingTimers == 0)
    }

    @Test func `refuses to run backwards`() async {
        await #expect(processExitsWith: .failure) {
            let clock = TestClock()
            clock.advance(to: clock.now - .seconds(1))
        }
    }

    @Test func `whoever waits for the next timer in vain is let go with its task`() async {
        let clock = TestClock()
        await withTaskGroup(of: ContinuousClock.Instant.self) { group in
            group.addTask { await clock.nextTimerScheduled() }
            group.cancelAll()
            for await instant in group { #expect(instant == clock.now) }
        }
    }
}
