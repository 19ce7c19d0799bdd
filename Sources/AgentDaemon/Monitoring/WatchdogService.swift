import AgentProtocol
import Logging
import MosaicAPI
import NIOPosix
import ServiceLifecycle
import Synchronization
import Systemd

/// Tells the service manager that the agent is alive, each time after having asked the agent itself.
///
/// A timer that pings by itself would go on while no call is served. So the ping is sent only when each socket has
/// answered a call of this service; if one does not, the manager hears nothing and restarts the agent in the end.
struct WatchdogService: Service {
    /// One socket, and how it is asked.
    struct Probe: Sendable {
        let socket: SocketKind
        let ask: @Sendable () async -> SocketProbe.Outcome
    }

    let probes: [Probe]
    let notifier: ServiceNotifier
    let clock: any AgentClock
    let logger: Logger
    private let end: @Sendable () async -> Void
    private let warned = Warned()

    /// Sockets that cannot be reached are reported once each, not at every look.
    private final class Warned: Sendable {
        let sockets = Mutex<Set<SocketKind>>([])
    }

    /// - Parameter end: called once when the service ends.
    init(
        probes: [Probe],
        notifier: ServiceNotifier,
        clock: any AgentClock,
        logger: Logger,
        end: @escaping @Sendable () async -> Void = {}
    ) {
        self.probes = probes
        self.end = end
        self.notifier = notifier
        self.clock = clock
        self.logger = logger
    }

    /// Time from one look to the next, for a manager that wants to hear from the agent within `interval`: a third, so that
    /// one look may fail by accident.
    static func period(of interval: Duration) -> Duration { interval / 3 }

    func run() async throws {
        if let interval = notifier.watchdogInterval {
            await watch(within: interval)
        } else {
            try? await gracefulShutdown()
        }
        await end()
    }

    private func watch(within interval: Duration) async {
        // While it stops, the manager does not want to hear from it.
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await isAnswering() { notifier.watchdog() }
                try? await clock.sleep(until: clock.now + Self.period(of: interval), tolerance: nil)
            }
        }
    }

    /// Whether the agent answers on both sockets, as far as they can be reached.
    func isAnswering() async -> Bool {
        let outcomes = await withTaskGroup(of: (SocketKind, SocketProbe.Outcome).self) { group in
            for probe in probes { group.addTask { (probe.socket, await probe.ask()) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // What the end of the agent does to a probe is no news.
        guard !Task.isCancelled else { return false }
        var isAlive = true
        for (socket, outcome) in outcomes {
            switch outcome {
            case .answered:
                _ = warned.sockets.withLock { $0.remove(socket) }
            case .silent(let reason):
                isAlive = false
                logger.error(
                    "agent does not answer itself",
                    metadata: ["socket": "\(socket.rawValue)", "reason": "\(reason)"]
                )
            case .unreachable(let reason):
                guard warned.sockets.withLock({ $0.insert(socket).inserted }) else { continue }
                logger.warning(
                    "own socket unreachable",
                    metadata: ["socket": "\(socket.rawValue)", "reason": "\(reason)"]
                )
            }
        }
        return isAlive
    }
}

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
