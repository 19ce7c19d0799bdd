import Logging
import MosaicAPI
import NIOPosix
import ServiceLifecycle

/// Writes what is left of the audit trail when the agent stops, within a limit.
struct AuditService: Service {
    /// How long the last records may take to be written.
    static let flushLimit = Duration.seconds(5)

    let queue: AuditQueue
    let thread: NIOThreadPool
    let clock: any AgentClock
    let logger: Logger

    func run() async throws {
        // Records can come until everything else has stopped; in the group this service stops last.
        try? await gracefulShutdown()
        await close()
    }

    /// Writes what is left, and ends the writer's thread.
    func close() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [queue] in await queue.flush() }
            group.addTask { [clock] in try? await clock.sleep(until: clock.now + Self.flushLimit, tolerance: nil) }
            await group.next()
            group.cancelAll()
        }
        let left = queue.load.waiting
        guard left > 0 else {
            try? await thread.shutdownGracefully()
            return
        }
        // The writer is stuck, so its thread cannot be waited for.
        logger.error("The last audit records could not be written in time", metadata: ["records": "\(left)"])
    }
}
