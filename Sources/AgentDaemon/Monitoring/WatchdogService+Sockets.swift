import AgentProtocol
import Logging
import MosaicAPI
import NIOPosix
import Systemd

extension WatchdogService {
    /// How long a part of an answer may take where no manager says when it wants to hear from the agent.
    static let usualTimeout = Duration.seconds(5)

    /// A watchdog over the sockets of these settings.
    ///
    /// - Parameter thread: a started pool of one thread that does nothing else: a probe blocks it, and must not wait for
    ///   anybody else who does.
    init(
        sockets: SocketServerSettings,
        notifier: ServiceNotifier,
        thread: NIOThreadPool,
        clock: any AgentClock,
        logger: Logger
    ) {
        let timeout = min(Self.usualTimeout, notifier.watchdogInterval.map { Self.period(of: $0) } ?? Self.usualTimeout)
        let places = [(SocketKind.main, sockets.main), (.control, sockets.control)]
        let probes = places.compactMap { socket, source in
            source.address.map { address in
                let probe = SocketProbe(socket, at: address, timeout: timeout, names: sockets.probes)
                return Probe(socket: socket) {
                    (try? await thread.runIfActive { probe.ask() }) ?? .unreachable("the agent is stopping")
                }
            }
        }
        self.init(
            probes: probes,
            notifier: notifier,
            clock: clock,
            logger: logger,
            end: { try? await thread.shutdownGracefully() }
        )
    }

    /// Returns when the agent answers on both sockets for the first time.
    ///
    /// - Returns: false if it does not after a few tries; then it is not to be called ready.
    func firstAnswer() async -> Bool {
        for _ in 0..<3 where await isAnswering() { return true }
        return false
    }
}

extension SocketSource {
    /// Where clients reach it.
    fileprivate var address: UnixAddress? {
        switch self {
        case .inherited(let descriptor): UnixAddress(boundTo: descriptor)
        case .path(let path, _, _): UnixAddress(path: path)
        }
    }
}
