import AgentProtocol
import Glibc
import Logging
import MosaicAPI
import NIOCore
import NIOPosix
import ServiceLifecycle
import Systemd
import UnixSignals

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
        loader: ConfigurationLoader,
        environment: AgentEnvironment,
        eventLoops: MultiThreadedEventLoopGroup,
        level: LogLevelSetting
    ) async throws(AgentError) -> AgentParts {
        // First what can fail, then what must be closed again.
        let socketSettings = try SocketServerSettings(
            loaded.configuration.daemon,
            descriptors: environment.descriptors
        )
        let keeper = StateStore(
            store: environment.store,
            bootID: environment.bootID,
            clock: environment.clock,
            bootTime: BootTime.now,
            logger: environment.logger("mosaicd", level: level)
        )
        let digest = try auditDigest(environment: environment, keeper: keeper)
        let throttle = keeper.throttle(
            loaded.configuration.daemon.throttle,
            capacity: ThrottleCapacity(records: loaded.configuration.daemon.throttleRecords),
            digest: digest
        )
        let observer = AgentObserver()
        let make = clientMaker(
            environment: environment,
            eventLoops: eventLoops,
            level: level,
            keeper: keeper,
            observer: observer
        )
        let members = try await members(of: loaded, make: make, keeper: keeper)
        environment.store.dropTheRest()
        return AgentParts(
            loaded,
            loader: loader,
            environment: environment,
            eventLoops: eventLoops,
            level: level,
            sockets: socketSettings,
            digest: digest,
            throttle: throttle,
            make: make,
            members: members,
            keeper: keeper,
            observer: observer
        )
    }

    private init(
        _ loaded: LoadedConfiguration,
        loader: ConfigurationLoader,
        environment: AgentEnvironment,
        eventLoops: MultiThreadedEventLoopGroup,
        level: LogLevelSetting,
        sockets socketSettings: SocketServerSettings,
        digest: TargetDigest,
        throttle: Throttle,
        make: @escaping ClientMaker,
        members: [ManagedClient],
        keeper: StateStore,
        observer: AgentObserver
    ) {
        let settings = loaded.configuration.daemon
        let clock = environment.clock
        let notifier = environment.notifier
        let logger = environment.logger("mosaicd", level: level)
        self.logger = logger

        let unitThread = NIOThreadPool(numberOfThreads: 1)
        unitThread.start()
        let units = CallerUnits(manager: SystemManager(), thread: unitThread, clock: clock)
        let assembly = ConfigurationAssembly(
            sockets: SocketMonitor(
                places: socketSettings.places(settings),
                maximumConnections: settings.maximumConnections
            ),
            limiter: CallLimiter(
                maximumTotal: settings.maximumCallsInFlight,
                maximumPerUser: settings.maximumCallsInFlightPerUser
            ),
            audit: AuditQueue(
                capacity: settings.auditQueueSize,
                lane: AuditQueue.lane(beside: settings.auditQueueSize),
                sink: environment.auditSink.sink,
                clock: clock
            ),
            auditSink: environment.auditSink.name,
            digest: digest,
            throttle: throttle,
            level: LogLevelControl(level, source: settings.logLevelSource),
            observer: observer,
            log: environment.log,
            clock: clock,
            logger: logger,
            units: units
        )
        let serving = LiveConfiguration(assembly.generation(of: loaded, members: members))
        let roster = ClientSupervisor()
        for member in members { _ = roster.add(member.running) }
        assembly.steward.attach(
            serving,
            dependencies: ConfigurationReloader.Dependencies(
                load: loader.load,
                make: make,
                assemble: { assembly.generation(of: $0, members: $1) },
                apply: { assembly.apply($0) },
                forget: { keeper.forget(client: $0) },
                restartNeeded: { assembly.restartNeeded(from: settings, to: $0) },
                roster: roster,
                notifier: notifier,
                observer: observer,
                logger: environment.unlimitedLogger("mosaicd", level: level)
            )
        )

        var socketSettings = socketSettings
        socketSettings.probes = ProbeNames()
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
            dispatcher: serving,
            group: eventLoops,
            clock: clock,
            logger: environment.logger("mosaicd.socket", level: level),
            units: units,
            events: observer.events,
            recordLine: { [audit = assembly.audit] caller, socket, error in
                audit.recordLine(of: caller, on: socket, error: error)
            },
            onListening: {
                assembly.sockets.noteFiles()
                guard await watchdog.firstAnswer() else {
                    return logger.critical("The agent is not ready: it does not answer itself")
                }
                logger.notice("Ready", metadata: ["version": "\(AgentVersion.current)"])
                notifier.ready(status: serving.report.summary)
                // Until then the first tokens are fetched.
                eventLoops.any().scheduleTask(in: .seconds(2)) { FreedMemory.giveBackProgram() }
            }
        )
        assembly.sockets.attach(server)

        services = [
            LogDeduplicatorService(limiter: environment.limiter, clock: clock),
            AuditService(queue: assembly.audit, clock: clock, logger: logger),
            roster,
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
                reload: assembly.steward.reload,
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
                sockets: assembly.sockets,
                drainTime: { serving.current.loaded.configuration.daemon.drainTimeout },
                notifier: notifier,
                logger: logger
            ),
        ]
    }

    private typealias ClientMaker =
        @Sendable (LoadedConfiguration.Client, ClientToken?) throws(AgentError) ->
        RunningClient

    private static func clientMaker(
        environment: AgentEnvironment,
        eventLoops: MultiThreadedEventLoopGroup,
        level: LogLevelSetting,
        keeper: StateStore,
        observer: AgentObserver
    ) -> ClientMaker {
        let logger = environment.logger("mosaicd.api", level: level)
        let clock = environment.clock
        return { client, token throws(AgentError) in
            try RunningClient.make(
                client,
                token: token,
                eventLoops: eventLoops,
                clock: clock,
                logger: logger,
                onToken: { keeper.keep($0, of: client) },
                observer: observer
            )
        }
    }

    private static func members(
        of loaded: LoadedConfiguration,
        make: ClientMaker,
        keeper: StateStore
    ) async throws(AgentError) -> [ManagedClient] {
        var members: [ManagedClient] = []
        do throws(AgentError) {
            for client in loaded.clients {
                members.append(
                    ManagedClient(running: try make(client, keeper.token(of: client)), source: client, inUse: client)
                )
            }
            return members
        } catch {
            for member in members { await member.running.configured.service.shutdown() }
            throw error
        }
    }

    /// Targets under the credential `audit.key`; without it, under a key that lasts until the service is stopped.
    private static func auditDigest(
        environment: AgentEnvironment,
        keeper: StateStore
    ) throws(AgentError) -> TargetDigest {
        let kept = { TargetDigest(key: keeper.auditKey(making: TargetDigest.newKey), from: .generated) }
        do throws(SecretFileError) {
            guard let key = try environment.credentials?.read("audit.key") else { return kept() }
            return TargetDigest(key: key)
        } catch {
            guard error.problem == .missing else {
                throw AgentError(.configuration, "the key of the audit trail cannot be taken from \(error)")
            }
            return kept()
        }
    }
}
