import AgentProtocol
import Glibc
import Systemd

extension SocketServerSettings {
    /// The names of all descriptors that are sockets.
    static let names = ServedSocket.allCases.map(\.rawValue)

    /// Sockets as the manager hands them over, or as the configuration says where it does not.
    ///
    /// - Throws: ``AgentError`` when a descriptor is not what it should be.
    init(_ settings: DaemonSettings, descriptors: ListenDescriptors) throws(AgentError) {
        let inherited: ListenDescriptors.Assignment
        do {
            inherited = try descriptors.listeningSockets(named: Self.names)
        } catch {
            throw AgentError(.unavailable, "a socket that the service manager passed cannot be used: \(error)")
        }
        func source(_ socket: ServedSocket) -> SocketSource? {
            inherited.sockets[socket.rawValue].map { .inherited($0) }
        }
        self.init(
            main: source(.main) ?? .path(settings.socket, mode: 0o660, group: Self.callersGroup()),
            control: source(.control) ?? .path(settings.controlSocket, mode: 0o600, group: nil)
        )
        credential = source(.credential) ?? settings.credentialSocket.map { .path($0, mode: 0o600, group: nil) }
        setLimits(settings)
    }

    /// Takes the limits of a configuration, and leaves the sockets as they are.
    mutating func setLimits(_ settings: DaemonSettings) {
        maximumLineBytes = settings.maximumLineBytes
        limits.firstLine = settings.firstLineTimeout
        limits.lineCompletion = settings.lineTimeout
        limits.unreadAge = settings.unreadAnswersTimeout
        caps = ConnectionCaps(total: settings.maximumConnections, perUser: settings.maximumConnectionsPerUser)
        drainTime = settings.drainTimeout
    }

    /// The group `mosaic`, whose members may connect, when root binds the socket itself. Anyone else could not give the
    /// socket away, and keeps it in the own group.
    private static func callersGroup() -> UInt32? {
        guard geteuid() == 0 else { return nil }
        return try? SystemNames().gid(ofGroup: "mosaic")
    }

    /// Where the sockets are, for the status.
    func places(_ settings: DaemonSettings) -> [SocketMonitor.Place] {
        var places = [
            SocketMonitor.Place(.main, main, path: settings.socket),
            SocketMonitor.Place(.control, control, path: settings.controlSocket),
        ]
        if let credential {
            places.append(
                SocketMonitor.Place(
                    .credential,
                    credential,
                    path: settings.credentialSocket ?? "/run/mosaicd/credential.sock"
                )
            )
        }
        return places
    }
}

extension SocketMonitor.Place {
    /// - Parameter path: where the configuration puts it; a socket that systemd passed knows its own path.
    fileprivate init(_ socket: ServedSocket, _ source: SocketSource, path: String) {
        switch source {
        case .inherited(let descriptor):
            self.init(socket: socket, path: UnixAddress(boundTo: descriptor)?.path ?? path, isInherited: true)
        case .path(let path, _, _):
            self.init(socket: socket, path: path, isInherited: false)
        }
    }
}

extension SystemHello.Limits {
    /// The limits that are in force under this configuration.
    init(_ settings: DaemonSettings) {
        self.init()
        lineBytes = settings.maximumLineBytes
        lineMilliseconds = Int(clamping: settings.lineTimeout.wholeMilliseconds)
        firstLineMilliseconds = Int(clamping: settings.firstLineTimeout.wholeMilliseconds)
        unreadMilliseconds = Int(clamping: settings.unreadAnswersTimeout.wholeMilliseconds)
    }
}
