import AgentProtocol
import Logging
import MosaicAPI
import NIOCore
import NIOPosix
import ServiceLifecycle
import Systemd
package import UnixSignals

/// The whole agent: made from a configuration, run until it is told to stop.
package struct Agent: Sendable {
    private let loaded: LoadedConfiguration
    private let loader: ConfigurationLoader
    private let environment: AgentEnvironment
    private let level: LogLevelSetting

    /// An agent that is not running.
    ///
    /// - Parameters:
    ///   - configuration: what `loader` has read.
    ///   - loader: reads it again for a reload.
    package init(configuration: LoadedConfiguration, loader: ConfigurationLoader, environment: AgentEnvironment) {
        self.loaded = configuration
        self.loader = loader
        self.environment = environment
        self.level = LogLevelSetting(configuration.configuration.daemon.logLevel)
    }

    /// Threads for sockets and connections to Mosaic.
    ///
    /// A call costs some tens of microseconds, so one thread serves tens of thousands of them a second: more than four
    /// would only cost memory. A connection stays on its loop all its life.
    private static var eventLoopCount: Int { max(1, min(System.coreCount, 4)) }

    /// How long the service manager, and then the log, may take to hear the last that the agent has to say.
    private static let lastWordsLimit = Duration.seconds(1)

    /// Runs until one of the signals has stopped it, all calls in flight are answered and the audit trail is written.
    ///
    /// - Throws: ``AgentError``.
    package func run(gracefulShutdownSignals: [UnixSignal] = [.sigterm, .sigint]) async throws(AgentError) {
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: Self.eventLoopCount)
        let result: Result<Void, AgentError>
        do {
            try await serve(on: eventLoops, until: gracefulShutdownSignals)
            result = .success(())
        } catch {
            result = .failure(AgentError(error))
        }
        try? await eventLoops.shutdownGracefully()
        await environment.notifier.flush(within: Self.lastWordsLimit)
        await environment.log.flush(within: Self.lastWordsLimit)
        return try result.get()
    }

    /// Puts the agent together, from what is read to what serves it, and serves.
    ///
    /// The services at the end are started in their order and stopped in the reverse one: sockets drain first, so that calls
    /// in flight still find their clients; the audit trail closes last.
    private func serve(on eventLoops: MultiThreadedEventLoopGroup, until signals: [UnixSignal]) async throws {
        let settings = loaded.configuration.daemon
        let clock = environment.clock
        let notifier = environment.notifier
        let logger = environment.logger("mosaicd", level: level)
        let start = clock.now

        // Bind: first what can fail, then what must be closed again.
        var socketSettings = try SocketServerSettings(settings, descriptors: environment.descriptors)
        socketSettings.probes = ProbeNames()
        let kept = StateStore(
            store: environment.store,
            bootID: environment.bootID,
            clock: clock,
            bootTime: BootTime.now,
            logger: logger
        )
        let digest = try TargetDigest(credentials: environment.credentials, kept: kept)
        let throttle = kept.throttle(
            settings.throttle,
            capacity: ThrottleCapacity(records: settings.throttleRecords),
            digest: digest
        )
        let observer = AgentObserver()
        let apiLogger = environment.logger("mosaicd.api", level: level)
        let makeClient: ConfigurationReloader.ClientMaker = { client, token throws(AgentError) in
            try RunningClient.make(
                client,
                token: token,
                eventLoops: eventLoops,
                clock: clock,
                logger: apiLogger,
                onToken: { kept.keep($0, of: client) },
                observer: observer
            )
        }
        var members: [ManagedClient] = []
        do {
            for client in loaded.clients {
                let running = try makeClient(client, kept.token(of: client))
                members.append(ManagedClient(running: running, source: client, inUse: client))
            }
        } catch {
            for member in members { await member.running.configured.service.shutdown() }
            throw error
        }
        environment.store.dropTheRest()

        // Make: what all configurations share, then the first of them.
        let clients = ClientSupervisor()
        for member in members { _ = clients.add(member.running) }
        let audit = AuditQueue(
            capacity: settings.auditQueueSize,
            lane: AuditQueue.lane(beside: settings.auditQueueSize),
            sink: environment.auditSink.sink,
            clock: clock
        )
        let limiter = CallLimiter(
            maximumTotal: settings.maximumCallsInFlight,
            maximumPerUser: settings.maximumCallsInFlightPerUser
        )
        let logLevel = LogLevelControl(level, source: settings.logLevelSource)
        let sends = IdempotencyCache()
        let unitThread = NIOThreadPool(numberOfThreads: 1)
        unitThread.start()
        let units = CallerUnits(manager: SystemManager(), thread: unitThread, clock: clock)
        let connections = SocketContext(
            settings: socketSettings,
            clock: clock,
            logger: environment.logger("mosaicd.socket", level: level),
            units: units,
            events: observer.events,
            recordLine: { caller, socket, error in audit.recordLine(of: caller, on: socket, error: error) }
        )
        let sockets = SocketMonitor(
            places: socketSettings.places(settings),
            context: connections,
            maximumConnections: settings.maximumConnections
        )
        let reloader = ConfigurationReloader(
            first: loaded,
            members: members,
            load: loader.load,
            make: makeClient,
            assemble: { [environment] loaded, members, reloader in
                ConfigurationSnapshot(
                    of: loaded,
                    members: members,
                    sockets: sockets,
                    limiter: limiter,
                    audit: audit,
                    auditSink: environment.auditSink.name,
                    digest: digest,
                    throttle: throttle,
                    sends: sends,
                    observer: observer,
                    level: logLevel,
                    log: environment.log,
                    units: units,
                    start: start,
                    clock: clock,
                    logger: logger,
                    reloader: reloader
                )
            },
            apply: { settings in
                logLevel.configure(settings, telling: observer.events)
                limiter.change(
                    maximumTotal: settings.maximumCallsInFlight,
                    maximumPerUser: settings.maximumCallsInFlightPerUser
                )
                throttle.change(settings.throttle)
                sockets.change(to: settings)
            },
            forget: { kept.forget(client: $0) },
            restartNeeded: { $0.restartNeeded(from: settings, isInherited: sockets.isInherited) },
            clients: clients,
            notifier: notifier,
            observer: observer,
            logger: environment.unlimitedLogger("mosaicd", level: level)
        )
        // From here on a configuration lives as long as the agent or a call needs it, and its clients with it.
        members = []
        let serving = reloader.serving
        let probeThread = NIOThreadPool(numberOfThreads: 1)
        probeThread.start()
        let watchdog = WatchdogService(
            sockets: socketSettings,
            notifier: notifier,
            thread: probeThread,
            clock: clock,
            logger: logger
        )
        let server = SocketServer(
            settings: socketSettings,
            context: connections,
            dispatcher: serving,
            group: eventLoops,
            logger: environment.logger("mosaicd.socket", level: level),
            onListening: {
                sockets.noteFiles()
                guard await watchdog.firstAnswer() else {
                    return logger.critical("not ready: agent does not answer itself")
                }
                logger.notice("ready", metadata: ["version": "\(AgentVersion.current)"])
                notifier.ready(status: serving.report.summary)
                // Until then the first tokens are fetched.
                eventLoops.any().scheduleTask(in: .seconds(2)) { FreedMemory.giveBackProgram() }
            }
        )

        // Serve, and drain at the end.
        for warning in loaded.warnings {
            logger.warning("configuration warning", metadata: ["warning": "\(warning)"])
        }
        environment.memoryLock?.report(to: logger)
        // Below warnings the group tells of each step of each service.
        var groupLogger = environment.logger("mosaicd.services", level: level)
        groupLogger.logLevel = max(groupLogger.logLevel, .warning)
        let services: [any Service] = [
            LogDeduplicatorService(limiter: environment.limiter, clock: clock),
            AuditService(queue: audit, clock: clock, logger: logger),
            clients,
            CallerUnitService(
                units: units,
                thread: unitThread,
                isNeeded: { serving.current.loaded.policy.hasUnitRules },
                clock: clock
            ),
            server,
            watchdog,
            HangupService(
                signals: { await UnixSignalsSequence(trapping: .sighup) },
                reload: reloader.reload,
                clock: clock,
                logger: logger
            ),
            HealthService(
                report: { serving.report },
                notifier: notifier,
                events: observer.events,
                clock: clock,
                logger: logger
            ),
            ShutdownNotifier(
                sockets: sockets,
                drainTime: { serving.current.loaded.configuration.daemon.drainTimeout },
                notifier: notifier,
                logger: logger
            ),
        ]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // Without a name the group would make one of all that is in the service.
                services: services.map {
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: $0,
                        serviceName: _typeName(type(of: $0), qualified: false)
                    )
                },
                gracefulShutdownSignals: signals,
                logger: groupLogger
            )
        )
        try await group.run()
        logger.notice("stopped")
    }
}

extension TargetDigest {
    /// Targets under the credential `audit.key`; without it, under a key that lasts until the service is stopped.
    fileprivate init(credentials: CredentialsDirectory?, kept: StateStore) throws(AgentError) {
        let ownKey = { TargetDigest(key: kept.auditKey(making: TargetDigest.newKey), from: .generated) }
        do throws(SecretFileError) {
            guard let key = try credentials?.read("audit.key") else {
                self = ownKey()
                return
            }
            self.init(key: key)
        } catch {
            guard error.problem == .missing else {
                throw AgentError(.configuration, "the key of the audit trail cannot be taken from \(error)")
            }
            self = ownKey()
        }
    }
}

extension ProcessHardening.MemoryLock {
    /// Tells once if the memory is not locked, and what can be done about it.
    fileprivate func report(to logger: Logger) {
        let reason: String
        switch self {
        case .locked: return
        case .limited(let limit): reason = "LimitMEMLOCK= is \(limit) bytes, not infinity"
        case .refused(let error): reason = "\(error)"
        }
        logger.warning(
            "memory not locked: only MemorySwapMax=0 keeps secrets out of a swap device",
            metadata: ["reason": "\(reason)"]
        )
    }
}
