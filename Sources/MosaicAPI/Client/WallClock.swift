#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The time of day. For dates that others write only; all waits and ages go by ``AgentClock``.
package enum WallClock {
    /// Seconds since 1970.
    package static func secondsSince1970() -> Int64 {
        Int64(time(nil))
    }
}
