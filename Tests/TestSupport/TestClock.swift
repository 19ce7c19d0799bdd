import MosaicAPI
import Synchronization

/// A clock that stands still until a test moves it.
///
/// Waits registered with ``sleep(until:tolerance:)`` end when ``advance(to:)`` reaches them, in the order of their
/// deadlines. ``nextTimerScheduled()`` lets a test wait, without any real time passing, until the code under test
/// has begun its next wait.
package final class TestClock: AgentClock {
    package typealias Instant = ContinuousClock.Instant
    package typealias Duration = Swift.Duration

    private struct Sleeper {
        let deadline: Instant
        let order: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Instant
        var sleepers: [UInt64: Sleeper] = [:]
        private var nextOrder: UInt64 = 0
        /// Deadlines of waits that no `nextTimerScheduled()` has reported yet, oldest first.
        var unreported: [Instant] = []
        /// Tests waiting for the next wait, oldest first.
        var observers: [(order: UInt64, continuation: CheckedContinuation<Instant, Never>)] = []

        init(now: Instant) { self.now = now }

        /// A number that nobody had before.
        mutating func takeOrder() -> UInt64 {
            defer { nextOrder += 1 }
            return nextOrder
        }
    }

    private let state: Mutex<State>

    /// A clock standing at `origin`.
    package init(origin: Instant = ContinuousClock.now) {
        state = Mutex(State(now: origin))
    }

    /// The instant at which the clock stands.
    package var now: Instant { state.withLock { $0.now } }

    /// The finest step between two instants: one nanosecond.
    package var minimumResolution: Duration { .nanoseconds(1) }

    /// The number of waits that have not ended.
    package var pendingTimers: Int { state.withLock { $0.sleepers.count } }

    /// Suspends until the clock has been moved to `deadline`; returns at once when it stands there already.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before that.
    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let order = state.withLock { $0.takeOrder() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                enum Next {
                    case resume
                    case cancel
                    case report(CheckedContinuation<Instant, Never>)
                    case wait
                }
                let next: Next = state.withLock { state in
                    // The handler below may have run already; it found nothing to cancel then.
                    guard !Task.isCancelled else { return .cancel }
                    guard deadline > state.now else { return .resume }
                    state.sleepers[order] = Sleeper(deadline: deadline, order: order, continuation: continuation)
                    guard state.observers.isEmpty else { return .report(state.observers.removeFirst().continuation) }
                    state.unreported.append(deadline)
                    return .wait
                }
                switch next {
                case .resume: continuation.resume()
                case .cancel: continuation.resume(throwing: CancellationError())
                case .report(let observer): observer.resume(returning: deadline)
                case .wait: break
                }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: order) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// The deadline of the next wait that has begun and was not reported before; suspends until there is one.
    ///
    /// Waits that end at once, since their deadline has passed, are not reported. A task that is cancelled gets the instant
    /// at which the clock stands: the test has failed by its time limit then, and is to end.
    package func nextTimerScheduled() async -> Instant {
        let order = state.withLock { $0.takeOrder() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let reported: Instant? = state.withLock { state in
                    guard state.unreported.isEmpty else { return state.unreported.removeFirst() }
                    guard !Task.isCancelled else { return state.now }
                    state.observers.append((order, continuation))
                    return nil
                }
                if let reported { continuation.resume(returning: reported) }
            }
        } onCancel: {
            let (observer, now) = state.withLock { state in
                let index = state.observers.firstIndex { $0.order == order }
                return (index.map { state.observers.remove(at: $0).continuation }, state.now)
            }
            observer?.resume(returning: now)
        }
    }

    /// Moves the clock forward to `instant` and ends every wait up to there, earliest deadline first.
    ///
    /// Moving backwards is a mistake in the test and traps.
    package func advance(to instant: Instant) {
        let due: [Sleeper] = state.withLock { state in
            precondition(instant >= state.now, "A test clock runs forward only.")
            state.now = instant
            let due = state.sleepers.values.filter { $0.deadline <= instant }
                .sorted { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
            for sleeper in due { state.sleepers[sleeper.order] = nil }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Moves the clock forward by `duration`.
    package func advance(by duration: Duration) {
        advance(to: now.advanced(by: duration))
    }
}
