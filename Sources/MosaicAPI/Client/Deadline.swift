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
