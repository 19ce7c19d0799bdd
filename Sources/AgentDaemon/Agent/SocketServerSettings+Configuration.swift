import AgentProtocol
import Glibc
import Systemd

extension SocketServerSettings {
    /// The name of a descriptor of the main socket in its unit (`FileDescriptorName=`).
    static let mainName = "main"
    /// The name of a descriptor of the control socket in its unit.
    static let controlName = "control"
    /// The names of all descriptors that are sockets.
    static let names = [mainName, controlName]

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
        self.init(
            main: inherited.sockets[Self.mainName].map { .inherited($0) }
                ?? .path(settings.socket, mode: 0o660, group: Self.callersGroup()),
            control: inherited.sockets[Self.controlName].map { .inherited($0) }
                ?? .path(settings.controlSocket, mode: 0o600, group: nil)
        )
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
        [
            SocketMonitor.Place(socket: .main, path: settings.socket, isInherited: main.isInherited),
            SocketMonitor.Place(socket: .control, path: settings.controlSocket, isInherited: control.isInherited),
        ]
    }
}

extension SocketSource {
    fileprivate var isInherited: Bool {
        guard case .inherited = self else { return false }
        return true
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
