import AgentProtocol
package import Systemd

/// What the journal keeps of calls without effect that were counted instead of being recorded one by one.
package struct AuditSummary: Sendable, Equatable {
    /// The caller's user; nil for callers that were not told apart.
    package var uid: UInt32?
    /// The caller's unit, where it is known.
    package var unit: String?
    /// The socket they came by; nil for various ones.
    package var socket: String?
    /// The method, `(unknown)` for those that the protocol does not have, `(no call)` for lines that are none.
    package var method: String
    /// What they came to.
    package var verdict: String
    /// The kind of their error, if they came to one.
    package var error: String?
    /// How many there were.
    package var count: UInt64
    /// When the first of them was recorded.
    package var first: WallTime
    /// When the last of them was.
    package var last: WallTime

    /// The summary as it stands at an instant, which is `wallTime` on the wall clock.
    init(_ summary: CallSummaries.Summary, now: ContinuousClock.Instant, wallTime: WallTime) {
        func time(_ instant: ContinuousClock.Instant) -> WallTime {
            WallTime(microseconds: wallTime.microseconds - (now - instant).wholeMicroseconds)
        }
        uid = summary.key.uid
        unit = summary.key.unit
        socket = summary.key.socket
        method = summary.key.method
        verdict = summary.key.verdict
        error = summary.key.error
        count = summary.count
        first = time(summary.first)
        last = time(summary.last)
    }
}
