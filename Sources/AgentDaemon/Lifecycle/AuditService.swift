import Logging
import MosaicAPI
import ServiceLifecycle

/// Has the audit queue write what is due, and at the end, within a limit, what is left.
struct AuditService: Service {
    /// How often it looks for summaries that are due and for records that could not be written before.
    static let period = Duration.seconds(1)
    /// The same at the end.
    static let lastPeriod = Duration.milliseconds(100)
    /// How long the last records may take to be written.
    static let flushLimit = Duration.seconds(5)

    let queue: AuditQueue
    let clock: any AgentClock
    let logger: Logger

    func run() async throws {
        // Records can come until everything else has stopped; in the group this service stops last.
        await cancelWhenGracefulShutdown { await tick(every: Self.period) }
        await close()
    }

    private func tick(every period: Duration) async {
        while !Task.isCancelled {
            queue.tick()
            try? await clock.sleep(until: clock.now + period, tolerance: period / 4)
        }
    }

    /// Writes what is left, summaries too.
    func close() async {
        queue.end()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [queue] in await queue.flush() }
            group.addTask { [clock] in try? await clock.sleep(until: clock.now + Self.flushLimit, tolerance: nil) }
            group.addTask { await tick(every: Self.lastPeriod) }
            await group.next()
            group.cancelAll()
        }
        let load = queue.load
        guard load.waiting > 0 else { return }
        logger.error(
            "last audit records not written in time",
            metadata: ["records": "\(load.waiting)", "reason": "\(load.failure ?? "the writer is stuck")"]
        )
    }
}
