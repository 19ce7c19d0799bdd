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

    /// The present of the world outside, which does not move with the sandbox's.
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

    /// The form of dates in HTTP fields (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute, .second], from: self)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func padded(_ value: Int?, _ width: Int = 2) -> String {
            let digits = String(value ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(parts.day)) \(months[(parts.month ?? 1) - 1]) \(padded(parts.year, 4))"
        let time = "\(padded(parts.hour)):\(padded(parts.minute)):\(padded(parts.second))"
        return "\(days[(parts.weekday ?? 1) - 1]), \(date) \(time) GMT"
    }

    /// Milliseconds since 1970, the form of numeric times in Mosaic's user objects.
    package var epochMilliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded(.down)) }

    /// Whole seconds since 1970, the form of times in JWTs.
    package var epochSeconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }
}
