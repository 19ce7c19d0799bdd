import AgentProtocol
import Linux
import Logging
import MosaicAPI
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again at SIGHUP, as `daemon.reload` does.
///
/// Signals that came before this service runs, SIGTERM among them, are raised again when it takes them. Several that come while a reload
/// is under way are one more reload.
struct HangupService<Signals: AsyncSequence & Sendable>: Service
where Signals.Element == UnixSignal, Signals.Failure == Never {
    /// How long a signal waits before it tries again while another reload or a rotation is under way.
    private var retryDelay: Duration { .milliseconds(100) }

    /// Begins to take the signals.
    let signals: @Sendable () async -> Signals
    let reload: @Sendable () async throws(CallFailure) -> DaemonReload.Result
    let clock: any AgentClock
    let logger: Logger

    func run() async throws {
        let signals = await signals()
        ProcessSignals.raiseNoted()
        await cancelWhenGracefulShutdown {
            for await _ in signals { await reloadOnce() }
        }
    }

    /// Reloads; what comes of it the reload has logged itself.
    private func reloadOnce() async {
        logger.notice("reloading: SIGHUP received")
        while !Task.isCancelled {
            do throws(CallFailure) {
                _ = try await reload()
                return
            } catch {
                guard error.kind == .overloaded else {
                    return logger.warning("no reload at SIGHUP", metadata: ["reason": "\(error.message)"])
                }
            }
            try? await clock.sleep(until: clock.now + retryDelay, tolerance: nil)
        }
    }
}
