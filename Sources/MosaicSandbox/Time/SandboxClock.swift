package import Foundation
import Synchronization

/// The wall clock of the sandbox: a base (the system's, or a test's) plus an offset that can be moved while it runs.
///
/// Everything that expires (tokens, passwords, locks, sessions) is measured with it, so moving it is enough to see a
/// lock end or a token run out.
package final class SandboxClock: Sendable {
    private let base: @Sendable () -> Date
    private let shift = Mutex<TimeInterval>(0)

    /// Creates a clock over `base`, which defaults to the system's time of day.
    package init(base: @escaping @Sendable () -> Date = { Date() }) {
        self.base = base
    }

    /// The sandbox's present.
    package var now: Date { base().addingTimeInterval(offset) }

    /// The present of the world outside, which does not move with the sandbox's; what callers sign is dated by it.
    package var outside: Date { base() }

    /// How far the sandbox's present lies ahead of the base, in seconds.
    package var offset: TimeInterval {
        get { shift.withLock { $0 } }
        set { shift.withLock { $0 = newValue } }
    }

    /// Moves the present by that many seconds; negative values move it back.
    package func advance(by seconds: TimeInterval) {
        shift.withLock { $0 += seconds }
    }
}

extension Date {
    /// The form of date-times in Mosaic's answers: ISO 8601 in UTC with milliseconds.
    package var mosaicDateTime: String {
        formatted(.iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true))
    }

    /// Milliseconds since 1970, the form of numeric times in Mosaic's user objects.
    package var epochMilliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded(.down)) }

    /// Whole seconds since 1970, the form of times in JWTs.
    package var epochSeconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }
}
