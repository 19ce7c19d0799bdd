import MosaicAPI
import ServiceLifecycle
import Systemd

/// Tells in time what the limit on repeated warnings has held back.
struct LogDeduplicatorService: Service {
    /// How often it looks.
    static let period = Duration.seconds(5)

    let limiter: LogDeduplicator
    let clock: any AgentClock

    func run() async throws {
        // In the group this service stops last, so that nothing is held back after it.
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await clock.sleep(until: clock.now + Self.period, tolerance: Self.period / 5)
                limiter.tellDue()
            }
        }
        limiter.tellRest()
    }
}
