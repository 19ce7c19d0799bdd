import Logging
import ServiceLifecycle
import Systemd

/// Says that the agent is stopping, before anything stops.
///
/// The last service of the group, because the group stops its services from the last to the first.
struct ShutdownNotifier: Service {
    /// What the end takes beside the draining: the last audit records, connections that are closed.
    static let margin = AuditService.flushLimit + .seconds(5)

    let sockets: SocketMonitor
    /// How long calls in flight may go on.
    let drainTime: @Sendable () -> Duration
    let notifier: ServiceNotifier
    let logger: Logger

    func run() async throws {
        // Cancelled instead, the agent has not started or is ended by an error, which will be told.
        try await gracefulShutdown()
        sockets.beginDraining()
        notifier.stopping(status: "Stopping: calls in flight are being answered")
        // Whatever TimeoutStopSec= says: a configured time to drain is not cut short. It never makes that time shorter.
        notifier.extendTimeout(by: drainTime() + Self.margin)
        logger.notice("stopping")
    }
}
