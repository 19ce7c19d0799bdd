import AgentProtocol
import Logging
import MosaicAPI
import Synchronization
import Systemd

/// One configuration with everything that was made of it: what a call sees, whole and unchanged, from its begin to its end.
final class ConfigurationSnapshot: Sendable {
    /// What was read.
    let loaded: LoadedConfiguration
    /// Its clients, in its order.
    let members: [ManagedClient]
    /// Serves calls by it.
    let dispatcher: Dispatcher
    /// Looks at its clients and the audit queue.
    let monitor: HealthMonitor

    /// What serves calls by a configuration.
    ///
    /// - Parameters:
    ///   - digest: names users in the throttle, and in the audit trail where targets are to be hashed.
    ///   - throttle: one for all configurations, so that a reload forgives nothing; like `sends` and `observer`.
    ///   - log: writes log messages; nil where they go elsewhere.
    ///   - start: when the agent started.
    ///   - reloader: puts other configurations in the place of this one.
    init(
        of loaded: LoadedConfiguration,
        members: [ManagedClient],
        sockets: SocketMonitor,
        limiter: CallLimiter,
        audit: AuditQueue,
        auditSink: String,
        digest: TargetDigest,
        throttle: Throttle,
        sends: IdempotencyCache,
        observer: AgentObserver,
        level: LogLevelControl,
        log: LogWriter?,
        units: CallerUnits?,
        start: ContinuousClock.Instant,
        clock: any AgentClock,
        logger: Logger,
        reloader: ConfigurationReloader
    ) {
        let settings = loaded.configuration.daemon
        let since = clock.now
        let clients = ClientDirectory(members.map(\.running.configured))
        let gate = AuditGate(queue: audit, overflow: settings.auditWhenFull)
        let trailDigest = settings.auditTargets == .hashed ? digest : .plain
        let monitor = HealthMonitor(
            clients: clients,
            audit: gate,
            log: { [log] in log?.condition ?? LogWriter.Condition() },
            refusal: { [reloader] in reloader.serving.refusal },
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
        // By way of the configuration in force: a watch keeps this as long as it goes on, and must not keep clients.
        status.credential = { [reloader] name in
            reloader.serving.current.members.first { $0.name == name }?.credentialSource
        }
        status.configuration = { [reloader, clock, files = loaded.files] in
            DaemonStatus.ConfigurationStatus(
                ageSeconds: Int(clamping: (clock.now - since).components.seconds),
                files: files,
                refusal: reloader.serving.refusal
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
            digest: trailDigest,
            logger: logger,
            clock: clock
        )
        methods.addConfigurationMethods(
            reload: reloader.reload,
            rotate: reloader.rotate,
            clients: clients
        )
        methods.addThrottleMethods(throttle, clients: clients, digest: digest)
        methods.on(PolicyExplain.self) { [policy = loaded.policy] parameters, _ in
            Reply(try PolicyExplainer(policy: policy).explain(parameters))
        }
        dispatcher = Dispatcher(
            steps: Dispatcher.Steps(
                methods: methods,
                clients: clients,
                access: AccessGate(policy: loaded.policy),
                limiter: limiter,
                audit: gate,
                digest: trailDigest,
                throttle: ThrottleGate(
                    throttle,
                    clients: clients,
                    digest: digest,
                    events: observer.events
                ),
                sends: sends,
                observer: observer,
                release: DelayedResponse(grid: settings.releaseGrid, clock: clock)
            ),
            clock: clock,
            logger: logger
        )
        self.loaded = loaded
        self.members = members
        self.monitor = monitor
    }
}

/// Serves each call by the configuration in force when it came.
///
/// Policy, clients, methods and release grid are one value, so no call can see the policy of one configuration and the
/// clients of another. An old configuration lives until its last call has ended; with it go the clients that no other one has.
final class LiveConfiguration: CallDispatching {
    private struct State {
        /// Nil only until the first is made, which refers to this already.
        var current: ConfigurationSnapshot?
        var refusal: String?
    }

    private let state = Mutex(State())

    /// The configuration that new calls get.
    var current: ConfigurationSnapshot {
        guard let current = state.withLock({ $0.current }) else { preconditionFailure("there is no configuration yet") }
        return current
    }

    /// Why the last reload was refused; nil when it was not.
    var refusal: String? { state.withLock { $0.refusal } }

    /// The agent's health now.
    var report: HealthReport { current.monitor.report }

    func dispatch(_ call: Call) async -> Answer {
        #if DEBUG
        HangForTesting.blockIfAsked()
        #endif
        // A watch must not hold on to the clients of a configuration that is replaced while it goes on.
        guard !call.isOpenEnded else { return await current.dispatcher.dispatch(call) }
        let snapshot = current
        defer { withExtendedLifetime(snapshot) {} }
        return await snapshot.dispatcher.dispatch(call)
    }

    /// Puts a configuration in force for all calls from now on.
    ///
    /// - Parameter isReload: whether it has been read; then an earlier refusal is past.
    func replace(with snapshot: ConfigurationSnapshot, isReload: Bool) {
        // What it replaces may be the last to hold clients, whose end is no matter of the lock.
        let old = state.withLock { state in
            if isReload { state.refusal = nil }
            defer { state.current = snapshot }
            return state.current
        }
        withExtendedLifetime(old) {}
    }

    /// Notes that a reload was refused.
    func refused(_ reason: String) {
        state.withLock { $0.refusal = reason }
    }
}
