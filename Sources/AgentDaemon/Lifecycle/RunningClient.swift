import AgentProtocol
import Logging
import MosaicAPI
import NIOPosix
import Secrets
import ServiceLifecycle
import Synchronization
import Systemd

/// A configured client that fetches tokens and has connections of its own, from its start to its stop.
final class RunningClient: Sendable {
    /// The client as handlers see it.
    let configured: ConfiguredClient
    /// The access token that it holds, to hand on to a successor with the same credential.
    let heldToken: @Sendable () -> ClientToken?
    private let stops = AsyncStream.makeStream(of: Void.self)
    private let isEnding = Atomic(false)

    /// A client that ``run()`` sets going.
    init(_ configured: ConfiguredClient, heldToken: @escaping @Sendable () -> ClientToken? = { nil }) {
        self.configured = configured
        self.heldToken = heldToken
    }

    /// Keeps the token fresh until ``stop()`` or until the task is cancelled; then closes the connections.
    func run() async {
        let service = configured.service
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            group.addTask { [stops] in for await _ in stops.stream {} }
            await group.next()
            group.cancelAll()
        }
        await service.shutdown()
    }

    /// Ends ``run()``, now or when it begins. No call may need the client any more.
    func stop() {
        isEnding.store(true, ordering: .relaxed)
        stops.continuation.finish()
    }

    /// Whether it was told to stop.
    var isStopping: Bool { isEnding.load(ordering: .relaxed) }
}

/// A client of a configuration: what runs, and what it was made of.
struct ManagedClient: Sendable {
    /// Stops a client when no configuration and no call has it any more.
    private final class Hold: Sendable {
        let client: RunningClient

        init(_ client: RunningClient) { self.client = client }

        deinit { client.stop() }
    }

    private let hold: Hold
    /// What the files said when they were last read.
    var source: LoadedConfiguration.Client
    /// What it acts with; differs from the source in the credential after a rotation.
    var inUse: LoadedConfiguration.Client
    /// The credential of a rotation, as it was given; nil while the client acts with that of its source.
    var rotated: Secret?

    /// A client that stops when the last copy of this goes.
    init(
        running: RunningClient,
        source: LoadedConfiguration.Client,
        inUse: LoadedConfiguration.Client,
        rotated: Secret? = nil
    ) {
        hold = Hold(running)
        self.source = source
        self.inUse = inUse
        self.rotated = rotated
    }

    /// The client that runs; the same one in several configurations if nothing about it has changed.
    var running: RunningClient { hold.client }

    /// The name in the configuration.
    var name: String { inUse.settings.name }
}

extension RunningClient {
    /// The client that a `[Client NAME]` section describes, with a connection pool of its own on `eventLoops`.
    ///
    /// - Parameters:
    ///   - token: an access token that was fetched before with the same credential, to begin with.
    ///   - onToken: is told of every access token that is fetched.
    ///   - observer: is told how requests to Mosaic end.
    /// - Throws: ``AgentError`` when the file with the authorities holds no valid certificates.
    static func make(
        _ client: LoadedConfiguration.Client,
        token: ClientToken?,
        eventLoops: MultiThreadedEventLoopGroup,
        clock: any AgentClock,
        logger: Logger,
        onToken: @escaping @Sendable (ClientToken) -> Void,
        observer: any UpstreamObserver
    ) throws(AgentError) -> RunningClient {
        let settings = client.settings
        let service = MosaicClient(
            MosaicClientConfiguration(
                name: settings.name,
                endpoints: settings.endpoints,
                clientID: settings.clientID,
                authentication: client.authentication
            ),
            transport: try transport(client, eventLoops: eventLoops, clock: clock),
            token: token,
            clock: clock,
            onToken: onToken,
            observer: observer,
            logger: logger
        )
        let base = settings.endpoints.baseURL
        let configured = ConfiguredClient(
            service: service,
            clientID: settings.clientID,
            host: String(base.origin.drop { $0 != "/" }.drop { $0 == "/" }),
            authentication: settings.authenticationMethod,
            certificate: client.certificateExpiry
        )
        return RunningClient(configured, heldToken: { service.heldToken })
    }

    private static func transport(
        _ client: LoadedConfiguration.Client,
        eventLoops: MultiThreadedEventLoopGroup,
        clock: any AgentClock
    ) throws(AgentError) -> any HTTPTransport {
        do {
            // Only the HTTP client knows how to ask a proxy for a tunnel.
            if client.transport.proxy != nil {
                return try AsyncHTTPTransport(client.transport, eventLoopGroup: eventLoops, clock: clock)
            }
            return try PooledHTTPTransport(client.transport, eventLoopGroup: eventLoops, clock: clock)
        } catch {
            throw AgentError(.configuration, "[Client \(client.settings.name)] CAFile=: \(error)")
        }
    }
}

extension LoadedConfiguration.Client {
    /// What health has to know about the certificate, for the methods that use one.
    fileprivate var certificateExpiry: CertificateExpiry? {
        guard let certificate = authentication.certificate, let settings = settings.certificate else { return nil }
        return CertificateExpiry(validity: certificate.chain.validity, warning: settings.expiryWarning)
    }
}

/// Runs the clients of all configurations in use, each from the moment it is added until it is stopped.
final class ClientSupervisor: Service {
    private struct State {
        /// Clients that were added and do not run yet.
        var waiting: [ObjectIdentifier: RunningClient] = [:]
        var isOver = false
    }

    private let state = Mutex(State())
    private let additions = AsyncStream.makeStream(of: RunningClient.self)

    /// Has a client run, now or as soon as the roster does.
    ///
    /// - Returns: false when the roster is over; then the caller shuts the client down.
    func add(_ client: RunningClient) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isOver else { return false }
            state.waiting[ObjectIdentifier(client)] = client
            return true
        }
        if isTaken { additions.continuation.yield(client) }
        return isTaken
    }

    /// Runs clients until the graceful shutdown or until the task is cancelled, and waits until the last has closed.
    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await client in additions.stream {
                    _ = state.withLock { $0.waiting.removeValue(forKey: ObjectIdentifier(client)) }
                    group.addTask { await client.run() }
                }
                group.cancelAll()
            }
        }
        let left = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for client in left { await client.configured.service.shutdown() }
    }
}

extension ManagedClient {
    /// Where the credential comes from, and whether that has another one now, for the status.
    ///
    /// Only after a rotation the source is looked at: a file may have been replaced since.
    var credentialSource: DaemonStatus.CredentialSource {
        switch source.settings.secretSource {
        case .file(let path):
            .init(kind: "file", name: path, differs: rotated.map { (try? SecretFile.read(path: path)) != $0 } ?? false)
        case .credential(let name):
            .init(kind: "service_credential", name: name, differs: rotated != nil)
        }
    }
}
