package import AgentProtocol
package import Logging
package import MosaicAPI
import Synchronization

/// What all connections of a server share, and what others may know of them.
///
/// Made before the server, which serves by a configuration that tells of the sockets itself.
package final class SocketContext: Sendable {
    /// What a reload may change; for connections that come from then on.
    struct Limits {
        /// What one connection may do.
        var connection: ConnectionLimits
        /// Bytes in a request line, without its end.
        var lineBytes: Int
        /// How long calls in flight may go on when the daemon stops.
        var drainTime: Duration
    }

    private let settings: SocketServerSettings
    private let changeable: Mutex<Limits>
    let clock: any AgentClock
    let registry: ConnectionRegistry
    let counters = SocketCounters()
    let unreadBudget: UnreadBudget
    let heldMemory = HeldMemory()
    let logger: Logger
    /// Finds out callers' units; nil if they are not wanted.
    let units: CallerUnits?
    let events: EventHub
    /// Makes the audit record of a line that is no call: whose it was, on which socket, and the kind of error it got.
    let recordLine: LineRecorder

    /// See ``recordLine``.
    package typealias LineRecorder = @Sendable (Caller, SocketKind, ErrorKind) -> (any AuditSubmission)?

    /// What the connections of a server that is not open yet share.
    ///
    /// - Parameters:
    ///   - units: finds out callers' units; nil if they are not wanted.
    ///   - events: is told of connections that are turned away.
    ///   - recordLine: makes the audit records of lines that are no calls.
    package init(
        settings: SocketServerSettings,
        clock: any AgentClock,
        logger: Logger,
        units: CallerUnits? = nil,
        events: EventHub = EventHub(),
        recordLine: @escaping LineRecorder = { _, _, _ in nil }
    ) {
        self.settings = settings
        self.units = units
        self.recordLine = recordLine
        changeable = Mutex(
            Limits(connection: settings.limits, lineBytes: settings.maximumLineBytes, drainTime: settings.drainTime)
        )
        self.clock = clock
        self.logger = logger
        self.events = events
        registry = ConnectionRegistry(caps: settings.caps)
        unreadBudget = UnreadBudget(limit: settings.unreadBytesPerUser)
    }

    /// What the sockets have seen so far.
    var statistics: SocketStatistics { counters.statistics(connections: registry.count) }

    /// Puts the limits of other settings in force, for connections that come from now on.
    func change(to settings: DaemonSettings) {
        var changed = self.settings
        changed.setLimits(settings)
        change(to: changed)
    }

    /// The limits in force.
    var limits: Limits { changeable.withLock { $0 } }

    /// Puts the limits of these settings in force; places and sources of the sockets stay as they are.
    func change(to settings: SocketServerSettings) {
        changeable.withLock {
            $0 = Limits(
                connection: settings.limits,
                lineBytes: settings.maximumLineBytes,
                drainTime: settings.drainTime
            )
        }
        registry.change(settings.caps)
    }

    /// Tells those who watch of a connection that was turned away.
    func tellRefused(_ caller: Caller, at socket: ServedSocket, because reason: ErrorKind) {
        events.publish(.connectionRefused) {
            DaemonEvent.Details(
                DaemonEvent.RefusedConnection(
                    socket: socket.rawValue,
                    uid: caller.uid,
                    pid: Int(caller.pid),
                    reason: reason.name
                )
            )
        }
    }
}
