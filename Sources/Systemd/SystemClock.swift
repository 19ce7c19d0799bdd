// Both, as either can be the owner of the C types, depending on what the compiler loads first.
internal import CSystemd
internal import Glibc

/// The kernel's clocks (clock_gettime(2)).
enum SystemClock {
    /// What the clock shows, in nanoseconds.
    static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // Sound: the kernel fills the one timespec it is given. The clocks that are asked for exist everywhere.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
