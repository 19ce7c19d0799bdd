import AgentProtocol
import Logging
import MosaicAPI
import NIOPosix
import ServiceLifecycle
import Systemd

/// The parts of an agent, made and tied together, but not running.
struct AgentParts {
    let logger: Logger
    /// In the order in which they are started; they are stopped in the reverse one.
    let services: [any Service]

    /// Makes the parts.
    ///
    /// - Throws: ``AgentError`` when something that the configuration names cannot be used.
    static func make(
        _ loaded: LoadedConfiguration,
        environment: AgentEnvironment,
        eventLoops: MultiThreadedEventLoopGroup,
        level: LogLevelSetting
    ) async throws(AgentError) -> AgentParts {
        // First what can fail, then what must be closed again.
        let socketSettings = try SocketServerSettings(
            loaded.configuration.daemon,
            descriptors: environment.descriptors
        )
        let digest = try targetDigest(loaded.configuration.daemon, environment: environment)
        let clients = try await clients(loaded, environment: environment, eventLoops: eventLoops, level: level)
        return AgentParts(
            loaded,
            environment: environment,
            eventLoops: eventLoops,
            level: level,
            sockets: socketSettings,
            digest: digest,
            clients: ClientDirectory(clients)
        )
    }

    private init(
        _ loaded: LoadedConfiguration,
        environment: AgentEnvironment,
        eventLoops: MultiThreadedEventLoopGroup,
        level: LogLevelSetting,
        sockets socketSettings: SocketServerSettings,
        digest: TargetDigest,
        clients: ClientDirectory
    ) {
        let settings = loaded.configuration.daemon
        let clock = environment.clock
        let logger = environment.logger("mosaicd", level: level)
        self.logger = logger
        let sockets = SocketMonitor(
            places: socketSettings.places(settings),
            maximumConnections: settings.maximumConnections
        )

        let auditThread = NIOThreadPool(numberOfThreads: 1)
        auditThread.start()
        let auditQueue = AuditQueue(
            capacity: settings.auditQueueSize,
            sink: environment.auditSink.sink,
            thread: auditThread
        )
        let audit = AuditGate(queue: auditQueue, overflow: settings.auditWhenFull)
        let monitor = HealthMonitor(clients: clients, audit: audit, clock: clock)
        let limiter = CallLimiter(
            maximumTotal: settings.maximumCallsInFlight,
            maximumPerUser: settings.maximumCallsInFlightPerUser
        )

        let status = DaemonStatusHandler.Sources(
            sockets: sockets,
            limiter: limiter,
            clients: clients,
            audit: auditQueue,
            auditSink: environment.auditSink.name,
            auditWhenFull: settings.auditWhenFull
        )
        var methods = MethodRegistry()
        methods.register(PasswordAuthenticateHandler(clients: clients))
        methods.registerUserMethods(clients: clients)
        methods.registerPreferencesMethods(clients: clients)
        methods.register(OTPSendHandler(clients: clients))
        methods.register(OTPAuthenticateHandler(clients: clients))
        methods.register(LinkSendHandler(clients: clients))
        methods.register(LinkAuthenticateHandler(clients: clients))
        methods.registerResets(clients: clients)
        methods.registerSessions(clients: clients)
        methods.register(SystemPingHandler())
        methods.register(
            SystemHelloHandler(
                policy: loaded.policy,
                clients: clients,
                limits: SystemHello.Limits(settings)
            )
        )
        methods.register(RPCDiscoverHandler(socket: .main), on: .main)
        methods.register(RPCDiscoverHandler(socket: .control), on: .control)
        methods.register(DaemonStatusHandler(sources: status, clock: clock))
        methods.register(DaemonHealthHandler(monitor: monitor))
        methods.register(DaemonRefreshTokenHandler(clients: clients))
        methods.register(PolicyExplainHandler(policy: loaded.policy))

        let dispatcher = Dispatcher(
            steps: Dispatcher.Steps(
                methods: methods,
                access: AccessGate(policy: loaded.policy),
                limiter: limiter,
                audit: audit,
                digest: digest,
                release: VerdictRelease(grid: settings.releaseGrid, clock: clock)
            ),
            clock: clock,
            logger: logger
        )
        let server = SocketServer(
            settings: socketSettings,
            dispatcher: dispatcher,
            group: eventLoops,
            clock: clock,
            logger: environment.logger("mosaicd.socket", level: level),
            onListening: { [notifier = environment.notifier] in
                logger.notice("Ready", metadata: ["version": "\(AgentVersion.current)"])
                notifier.ready(status: monitor.report.summary)
            }
        )
        sockets.attach(server)

        var services: [any Service] = [
            AuditService(queue: auditQueue, thread: auditThread, clock: clock, logger: logger)
        ]
        services += clients.clients.map { ClientService(service: $0.service) }
        services += [
            server,
            HealthService(monitor: monitor, notifier: environment.notifier, clock: clock, logger: logger),
            StopAnnouncer(sockets: sockets, notifier: environment.notifier, logger: logger),
        ]
        self.services = services
    }

    private static func clients(
        _ loaded: LoadedConfiguration,
        environment: AgentEnvironment,
        eventLoops: MultiThreadedEventLoopGroup,
        level: LogLevelSetting
    ) async throws(AgentError) -> [ConfiguredClient] {
        var clients: [ConfiguredClient] = []
        do throws(AgentError) {
            for client in loaded.clients {
                clients.append(
                    try ConfiguredClient.make(
                        client,
                        eventLoops: eventLoops,
                        clock: environment.clock,
                        logger: environment.logger("mosaicd.api", level: level)
                    )
                )
            }
            return clients
        } catch {
            for client in clients { await client.service.shutdown() }
            throw error
        }
    }

    /// Targets under the credential `audit.key`; without it, under a key that lasts as long as this process.
    private static func targetDigest(
        _ settings: DaemonSettings,
        environment: AgentEnvironment
    ) throws(AgentError) -> TargetDigest {
        guard settings.auditTargets == .hashed else { return .plain }
        do throws(SecretFileError) {
            guard let key = try environment.credentials?.read("audit.key") else { return .ephemeral() }
            return TargetDigest(key: key)
        } catch {
            guard error.problem == .missing else {
                throw AgentError(.configuration, "the key of the audit trail cannot be taken from \(error)")
            }
            return .ephemeral()
        }
    }
}
