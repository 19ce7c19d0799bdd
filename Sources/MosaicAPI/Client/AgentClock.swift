import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The clock that every wait and every age in the agent is measured on.
///
/// Fixing `Instant` to `ContinuousClock.Instant` lets code hold `any AgentClock` and still compare and subtract
/// instants. On Linux `ContinuousClock` reads `CLOCK_BOOTTIME` (clock_gettime(2)): it runs on while the machine is
/// suspended and ignores steps of the wall clock, so a token's age stays true through both.
package protocol AgentClock: Clock, Sendable where Instant == ContinuousClock.Instant, Duration == Swift.Duration {}

extension ContinuousClock: AgentClock {}

/// The time of day. For dates that others write only; all waits and ages go by ``AgentClock``.
package enum WallClock {
    /// Seconds since 1970.
    package static func secondsSince1970() -> Int64 {
        Int64(time(nil))
    }
}

/// The time of day at the other end, as far as the `Date` fields of its answers tell it.
///
/// Only the emulator's is followed: its clock can be moved, and what it signs is dated by it. Mosaic's is taken to be right.
final class ServerClock: Sendable {
    private let local: @Sendable () -> Int64
    private let difference = Mutex<Int64>(0)

    /// A clock that agrees with the local one until it hears otherwise.
    ///
    /// - Parameter local: Seconds since 1970.
    init(local: @escaping @Sendable () -> Int64) { self.local = local }

    /// Seconds by which it is ahead of the local clock.
    var offset: Int64 { difference.withLock { $0 } }

    /// Seconds since 1970 at the other end.
    var now: Int64 { local() + offset }

    /// Takes the time from an answer; one without a date says nothing.
    func heard(_ response: UpstreamResponse) {
        guard let date = response.date.flatMap(HTTPDate.secondsSince1970) else { return }
        let offset = date - local()
        difference.withLock { $0 = offset }
    }
}

/// Runs `operation` until it ends or the deadline passes, whichever comes first.
///
/// When the deadline passes, the operation's task is cancelled and awaited, so nothing runs on behind the caller's
/// back. An operation that still succeeds in that moment counts: its result is returned.
///
/// - Parameters:
///   - deadline: The instant on `clock` after which the operation is cancelled.
///   - clock: The clock to wait on.
///   - operation: What to run; it must end soon after it is cancelled.
/// - Returns: The operation's result, or `nil` when the deadline passed first.
func withDeadline<Success: Sendable>(
    _ deadline: ContinuousClock.Instant,
    clock: any AgentClock,
    operation: @escaping @Sendable () async -> Success?
) async -> Success? {
    await withTaskGroup(of: DeadlineRace<Success>.self) { group in
        group.addTask { .finished(await operation()) }
        group.addTask {
            // A cancelled sleep ends early; its result is then never looked at.
            try? await clock.sleep(until: deadline, tolerance: nil)
            return .deadlinePassed
        }
        guard case .finished(let result)? = await group.next() else {
            group.cancelAll()
            for await outcome in group {
                if case .finished(let result) = outcome { return result }
            }
            return nil
        }
        group.cancelAll()
        return result
    }
}

private enum DeadlineRace<Success: Sendable>: Sendable {
    case finished(Success?)
    case deadlinePassed
}
