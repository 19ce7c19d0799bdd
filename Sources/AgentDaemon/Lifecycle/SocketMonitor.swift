package import AgentProtocol
import Glibc
import Synchronization
import Systemd

/// What the status tells about the sockets.
package final class SocketMonitor: Sendable {
    private struct State {
        var maximumConnections: Int
        var isDraining = false
        /// The files of the sockets when they began to listen; nil until then.
        var files: [ServedSocket: FileStatus.Inode]?
    }

    private let places: [Place]
    private let context: SocketContext
    private let state: Mutex<State>

    /// Where one socket is.
    package struct Place: Sendable {
        /// Which one it is.
        package var socket: ServedSocket
        /// The path it is bound to, as far as it is known.
        package var path: String
        /// Whether systemd handed it over.
        package var isInherited: Bool

        /// A socket's place.
        package init(socket: ServedSocket, path: String, isInherited: Bool) {
            self.socket = socket
            self.path = path
            self.isInherited = isInherited
        }
    }

    /// A monitor of sockets at these places, whose connections share `context`.
    package init(places: [Place], context: SocketContext, maximumConnections: Int) {
        self.places = places
        self.context = context
        state = Mutex(State(maximumConnections: maximumConnections))
    }

    /// The most connections that may be open.
    package var maximumConnections: Int { state.withLock { $0.maximumConnections } }

    /// Whether systemd handed a socket over.
    func isInherited(_ socket: ServedSocket) -> Bool {
        places.contains { $0.socket == socket && $0.isInherited }
    }

    /// Puts the limits of other settings in force.
    func change(to settings: DaemonSettings) {
        state.withLock { $0.maximumConnections = settings.maximumConnections }
        context.change(to: settings)
    }

    /// Takes the files that are at the paths now for those of the sockets. To be called when the sockets listen.
    package func noteFiles() {
        var files: [ServedSocket: FileStatus.Inode] = [:]
        for place in places {
            guard let status = try? FileStatus(ofPath: place.path, followingLinks: true), status.kind == .socket else {
                continue
            }
            files[place.socket] = status.inode
        }
        state.withLock { $0.files = files }
    }

    /// How the files of the sockets stand now; empty before they listen and while the agent stops.
    package var fileConditions: [SocketFileCondition] {
        guard let files = state.withLock({ $0.isDraining ? nil : $0.files }) else { return [] }
        return places.map { place in
            SocketFileCondition(
                socket: place.socket,
                path: place.path,
                isInherited: place.isInherited,
                finding: Self.finding(at: place.path, expecting: files[place.socket])
            )
        }
    }

    private static func finding(at path: String, expecting inode: FileStatus.Inode?) -> SocketFileCondition.Finding {
        do throws(FileStatus.Failure) {
            return try FileStatus(ofPath: path, followingLinks: true).inode == inode ? .own : .replaced
        } catch {
            return [ENOENT, ENOTDIR].contains(error.systemError) ? .missing : .hidden(errorText(error.systemError))
        }
    }

    /// Notes that the agent is stopping.
    package func beginDraining() {
        state.withLock { $0.isDraining = true }
    }

    /// Whether the agent is stopping.
    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// What the sockets have seen so far.
    package var statistics: SocketStatistics { context.statistics }

    /// The open connections, oldest first.
    func connections(now: ContinuousClock.Instant) async -> [DaemonConnections.Connection] {
        await context.registry.activeConnections().map { connection, activity in
            DaemonConnections.Connection(connection, activity, now: now)
        }
    }

    /// The sockets with their open connections.
    package var sockets: [DaemonStatus.SocketStatus] {
        let connections = context.registry.connections
        return places.map { place in
            DaemonStatus.SocketStatus(
                name: place.socket.rawValue,
                path: place.path,
                source: place.isInherited ? "systemd" : "own",
                connections: connections.count { $0.socket == place.socket }
            )
        }
    }
}

extension DaemonConnections.Connection {
    fileprivate init(
        _ connection: ConnectionRegistry.Connection,
        _ activity: ConnectionActivity,
        now: ContinuousClock.Instant
    ) {
        let caller = connection.caller
        self.init(
            id: connection.number,
            socket: connection.socket.rawValue,
            uid: caller.uid,
            gid: caller.gid,
            pid: Int(caller.pid),
            unit: activity.unit
        )
        ageMilliseconds = max(0, Int(clamping: (now - connection.since).wholeMilliseconds))
        callsInFlight = activity.callsInFlight
        callsParked = activity.callsParked
        callsAnswered = activity.callsAnswered
        unreadBytes = activity.unreadBytes
        reading = activity.isReading
        probe = activity.isProbe
    }
}
