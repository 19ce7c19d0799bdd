import AgentProtocol
import Logging
import MosaicAPI
import Systemd

/// Ties what lasts as long as the agent to what one configuration says.
struct ConfigurationAssembly: Sendable {
    let sockets: SocketMonitor
    let limiter: CallLimiter
    let audit: AuditQueue
    let auditSink: String
    /// Names targets where they are to be hashed.
    let digest: TargetDigest
    /// One for all configurations, so that a reload forgives nothing.
    let throttle: Throttle
    let level: LogLevelControl
    let observer: AgentObserver
    /// Writes log messages; nil where they go elsewhere.
    let log: LogWriter?
    let clock: any AgentClock
    let logger: Logger
    let units: CallerUnits?
    let steward = ConfigurationReloader()
    private let sends = IdempotencyCache()
    private let start: ContinuousClock.Instant

    init(
        sockets: SocketMonitor,
        limiter: CallLimiter,
        audit: AuditQueue,
        auditSink: String,
        digest: TargetDigest,
        throttle: Throttle,
        level: LogLevelControl,
        observer: AgentObserver = AgentObserver(),
        log: LogWriter? = nil,
        clock: any AgentClock,
        logger: Logger,
        units: CallerUnits? = nil
    ) {
        self.sockets = sockets
        self.limiter = limiter
        self.audit = audit
        self.auditSink = auditSink
        self.digest = digest
        self.throttle = throttle
        self.level = level
        self.observer = observer
        self.log = log
        self.clock = clock
        self.logger = logger
        self.units = units
        start = clock.now
    }

    /// What serves calls by a configuration.
    func generation(of loaded: LoadedConfiguration, members: [ManagedClient]) -> ConfigurationSnapshot {
        let settings = loaded.configuration.daemon
        let since = clock.now
        let clients = ClientDirectory(members.map(\.running.configured))
        let gate = AuditGate(queue: audit, overflow: settings.auditWhenFull)
        let digest = settings.auditTargets == .hashed ? digest : .plain
        let monitor = HealthMonitor(
            clients: clients,
            audit: gate,
            log: { [log] in log?.condition ?? LogWriter.Condition() },
            refusal: { [steward] in steward.serving?.refusal },
            callerUnits: { [units, policy = loaded.policy] in CallerUnitCondition(policy, units: units) },
            sockets: { [sockets] in sockets.fileConditions },
            clock: clock
        )
        var status = AgentStatus(
            sockets: sockets,
            limiter: limiter,
            clients: clients,
            audit: audit,
            auditSink: auditSink,
            auditWhenFull: settings.auditWhenFull,
            throttle: throttle,
            start: start
        )
        status.credential = { name in members.first { $0.name == name }?.credentialSource }
        status.configuration = { [steward, clock, files = loaded.files] in
            DaemonStatus.ConfigurationStatus(
                ageSeconds: Int(clamping: (clock.now - since).components.seconds),
                files: files,
                refusal: steward.serving?.refusal
            )
        }
        status.callerUnits = { [units] in units.map { DaemonStatus.CallerUnitsStatus($0.way) } }
        let metrics = AgentMetrics(
            observer: observer,
            sockets: sockets,
            limiter: limiter,
            audit: audit,
            log: log,
            clients: clients,
            monitor: monitor,
            throttle: throttle
        )
        var methods = MethodRegistry()
        methods.addMosaicMethods()
        methods.addSystemMethods(policy: loaded.policy, clients: clients, limits: SystemHello.Limits(settings))
        methods.addObservation(
            status: status,
            monitor: monitor,
            metrics: metrics,
            level: level,
            digest: digest,
            logger: logger,
            clock: clock
        )
        methods.addConfigurationMethods(reloader: steward, clients: clients)
        methods.addThrottleMethods(throttle, clients: clients, digest: self.digest)
        methods.on(PolicyExplain.self) { [policy = loaded.policy] parameters, _ in
            Reply(try PolicyExplainer(policy: policy).explain(parameters))
        }
        let dispatcher = Dispatcher(
            steps: Dispatcher.Steps(
                methods: methods,
                clients: clients,
                access: AccessGate(policy: loaded.policy),
                limiter: limiter,
                audit: gate,
                digest: digest,
                throttle: ThrottleGate(
                    throttle,
                    clients: clients,
                    digest: self.digest,
                    events: observer.events
                ),
                sends: sends,
                observer: observer,
                release: DelayedResponse(grid: settings.releaseGrid, clock: clock)
            ),
            clock: clock,
            logger: logger
        )
        return ConfigurationSnapshot(
            loaded: loaded,
            since: since,
            members: members,
            dispatcher: dispatcher,
            monitor: monitor
        )
    }

    /// Puts in force what all calls share.
    func apply(_ settings: DaemonSettings) {
        if let change = level.configure(settings) {
            observer.events.publish(.logLevelChanged) {
                DaemonEvent.Details(
                    DaemonEvent.LogLevel(level: change.level.rawValue, previous: change.previous.rawValue)
                )
            }
        }
        limiter.change(
            maximumTotal: settings.maximumCallsInFlight,
            maximumPerUser: settings.maximumCallsInFlightPerUser
        )
        throttle.change(settings.throttle)
        sockets.change(to: settings)
    }

    /// The keys that only a restart makes effective and that are not as they were at the start.
    ///
    /// Where systemd owns a socket, its path in the configuration means nothing.
    func restartNeeded(from start: DaemonSettings, to new: DaemonSettings) -> [String] {
        var keys: [String] = []
        if start.socket != new.socket, !sockets.isInherited(.main) { keys.append(DaemonKeys.socket.name) }
        if start.controlSocket != new.controlSocket, !sockets.isInherited(.control) {
            keys.append(DaemonKeys.controlSocket.name)
        }
        if start.credentialSocket != new.credentialSocket, !sockets.isInherited(.credential) {
            keys.append(DaemonKeys.credentialSocket.name)
        }
        if start.auditQueueSize != new.auditQueueSize { keys.append(DaemonKeys.auditQueueSize.name) }
        if start.throttleRecords != new.throttleRecords { keys.append(DaemonKeys.throttleRecords.name) }
        return keys
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
