import NIOCore
package import NIOPosix
import NIOSSL
import Synchronization

/// Talks to Mosaic over connections of the event loop that the call is on: HTTP/1.1, TLS 1.2 or newer, kept alive, no redirects,
/// nothing sent twice.
///
/// A request counts as not sent exactly until its bytes are handed to a connection. What waits for a connection is served
/// uid after uid (``ExchangeQueue``), and no uid can have so many in flight that others find none (``ConnectionShares``).
///
/// HTTP/1.1 on purpose: a connection carries one request at a time, so a broken connection leaves one outcome in doubt. A
/// proxy is ``AsyncHTTPTransport``'s business.
package final class PooledHTTPTransport: HTTPTransport {
    private let loops: [NIOLoopBoundBox<LoopPools>]
    private let nextLoop = Atomic<UInt>(0)
    private let drain = Drain()

    /// A transport without connections. ``shutdown()`` must be called before it goes away.
    ///
    /// - Parameters:
    ///   - configuration: Trusted roots, limits and time-outs; it names no proxy.
    ///   - eventLoopGroup: The threads that do the work.
    ///   - clock: Measures deadlines.
    /// - Throws: ``TransportConfigurationError`` when the configured roots cannot be used.
    package init(
        _ configuration: TransportConfiguration,
        eventLoopGroup: MultiThreadedEventLoopGroup = .singleton,
        clock: any AgentClock = ContinuousClock()
    ) throws(TransportConfigurationError) {
        precondition(configuration.proxy == nil, "the pooled transport knows no proxies")
        let settings = PoolSettings(configuration, tls: try configuration.tlsConfiguration(), clock: clock)
        let hosts = Hosts(limit: configuration.maximumConnections)
        loops = eventLoopGroup.makeIterator().map { eventLoop in
            LoopPools.make(on: eventLoop, settings: settings, hosts: hosts)
        }
    }

    /// Sends a request and reads the whole response.
    package func send(
        _ request: UpstreamRequest,
        call: UpstreamCall
    ) async throws(TransportFailure) -> UpstreamResponse {
        guard drain.enter() else { throw TransportFailure(.shutDown, mayHaveBeenSent: false) }
        defer { drain.leave() }
        let exchange = Exchange(request, call: call)
        let home = home()
        let outcome = await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                guard exchange.wait(with: unsafe Exchange.Caller(continuation)) else { return }
                if home.eventLoop.inEventLoop {
                    home.value.submit(exchange)
                } else {
                    home.eventLoop.execute { home.value.submit(exchange) }
                }
            }
        } onCancel: {
            switch exchange.giveUp(.cancelled) {
            case .nothing: break
            case .leavesQueue: home.eventLoop.execute { home.value.gaveUp(exchange, leaving: .leavesQueue) }
            case .leavesConnection:
                // The connection may be another loop's.
                for loop in loops { loop.eventLoop.execute { loop.value.gaveUp(exchange, leaving: .leavesConnection) } }
            }
        }
        return try outcome.get()
    }

    /// Refuses new requests, waits for those in flight, which their deadlines bound, and closes all connections.
    package func shutdown() async {
        await drain.finish()
        for loop in loops {
            // It fails only when the loop is shut down, and its connections with it.
            try? await loop.eventLoop.submit { loop.value.shutDown() }.get()
        }
    }

    /// The pools of the event loop that this runs on, or of any.
    private func home() -> NIOLoopBoundBox<LoopPools> {
        for loop in loops where loop.eventLoop.inEventLoop { return loop }
        return loops[Int(nextLoop.wrappingAdd(1, ordering: .relaxed).newValue % UInt(loops.count))]
    }
}

/// The pools of one event loop, one for each host. Confined to the loop.
final class LoopPools {
    private let eventLoop: any EventLoop
    private let settings: PoolSettings
    private let hosts: Hosts
    private var pools: [HostPool] = []

    private init(eventLoop: any EventLoop, settings: PoolSettings, hosts: Hosts) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.hosts = hosts
    }

    /// The pools of a loop, without any host.
    static func make(on eventLoop: any EventLoop, settings: PoolSettings, hosts: Hosts) -> NIOLoopBoundBox<LoopPools> {
        NIOLoopBoundBox.makeBoxSendingValue(
            LoopPools(eventLoop: eventLoop, settings: settings, hosts: hosts),
            eventLoop: eventLoop
        )
    }

    /// Has an exchange carried out, whose caller waits already.
    func submit(_ exchange: Exchange) { pool(for: exchange.request.url).submit(exchange) }

    /// An exchange was given up by its caller.
    func gaveUp(_ exchange: Exchange, leaving: Exchange.GivenUp) {
        pool(for: exchange.request.url).gaveUp(exchange, leaving: leaving)
    }

    /// Closes all connections.
    func shutDown() {
        for pool in pools { pool.shutDown() }
    }

    private func pool(for url: ServiceURL) -> HostPool {
        // The hosts are those of the configuration: three at most.
        for pool in pools where pool.serves(url) { return pool }
        let endpoint = Endpoint(url)
        let pool = HostPool(
            eventLoop: eventLoop,
            endpoint: endpoint,
            settings: settings,
            coordinator: hosts.coordinator(of: endpoint)
        )
        pools.append(pool)
        return pool
    }
}

/// The coordinators of the hosts that a transport talks to.
final class Hosts: Sendable {
    private let limit: Int
    private let coordinators = Mutex<[Endpoint: HostCoordinator]>([:])

    /// No host is known yet.
    ///
    /// - Parameter limit: The most connections to each.
    init(limit: Int) {
        self.limit = limit
    }

    /// What the pools of a host share.
    func coordinator(of endpoint: Endpoint) -> HostCoordinator {
        coordinators.withLock { coordinators in
            if let known = coordinators[endpoint] { return known }
            let coordinator = HostCoordinator(limit: limit)
            coordinators[endpoint] = coordinator
            return coordinator
        }
    }
}
