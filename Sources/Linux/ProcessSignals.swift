internal import CLinux
internal import Glibc
internal import Synchronization

/// What signals do to this process.
package enum ProcessSignals {
    /// Notes signals instead of letting them end the process, until something else takes them; see ``raiseNoted()``.
    ///
    /// Blocking them would not do: where `main` is asynchronous, the library of queues has the first thread wait with no
    /// signal blocked.
    package static func note(_ signals: [CInt]) {
        // Before the handler can run, which must not be the first to touch it.
        _ = noted.load(ordering: .relaxed)
        for number in signals {
            // The function does nothing but change an atomic number, which it may at any time (signal-safety(7)).
            _ = signal(number) { noted.bitwiseOr(1 << UInt64($0), ordering: .relaxed) }
        }
        // The daemon takes SIGHUP before main; see CLinux.
        if signals.contains(SIGHUP), clinux_take_early_hangup() == 1 {
            noted.bitwiseOr(1 << UInt64(SIGHUP), ordering: .relaxed)
        }
    }

    /// Sends the process the signals that were noted, for what takes them by now.
    package static func raiseNoted() {
        let signals = noted.exchange(0, ordering: .relaxed)
        for number in 1..<CInt(64) where signals & (1 << UInt64(number)) != 0 { kill(getpid(), number) }
    }

    /// Lets signals end the process again, those that were noted too.
    package static func restore(_ signals: [CInt]) {
        for number in signals { signal(number, SIG_DFL) }
        raiseNoted()
    }

    /// Has signals do nothing.
    package static func ignore(_ signals: [CInt]) {
        for number in signals { signal(number, SIG_IGN) }
    }
}

/// A bit for each signal that has come.
private let noted = Atomic<UInt64>(0)
