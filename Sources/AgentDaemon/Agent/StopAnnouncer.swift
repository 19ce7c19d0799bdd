import Logging
import ServiceLifecycle
import Systemd

/// Says that the agent is stopping, before anything stops.
///
/// The last service of the group, because the group stops its services from the last to the first.
struct StopAnnouncer: Service {
    let sockets: SocketMonitor
    let notifier: ServiceNotifier
    let logger: Logger

    func run() async throws {
        // Cancelled instead, the agent has not started or is ended by an error, which will be told.
        try await gracefulShutdown()
        sockets.beginDraining()
        notifier.stopping(status: "Stopping: calls in flight are being answered")
        logger.notice("Stopping")
    }
}
