import CLinux
import Glibc
import Linux
import TestSupport
import Testing

/// In a process of its own, whose signals it changes.
@Suite(.longTimeLimit) struct ProcessSignalsTests {
    @Test func `a SIGHUP that came before main is noted, and raised for what takes it later`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            clinux_note_early_hangup()
            // The threads of the pool block all signals.
            var signals = sigset_t()
            unsafe sigemptyset(&signals)
            unsafe sigaddset(&signals, SIGHUP)
            unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            raise(SIGHUP)
            ProcessSignals.note([SIGHUP])
            #expect(clinux_take_early_hangup() == 0, "it is noted once")
            _ = signal(SIGHUP) { _ in _exit(7) }
            // Ends a process to which nothing is raised.
            alarm(20)
            ProcessSignals.raiseNoted()
            while true { pause() }
        }
    }
}
