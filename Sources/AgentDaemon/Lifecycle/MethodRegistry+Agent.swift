import AgentProtocol
import Logging
import MosaicAPI

extension MethodRegistry {
    /// Everything that the handlers of one configuration stand on.
    struct Foundations: Sendable {
        let clients: ClientDirectory
        let policy: AccessPolicy
        let limits: SystemHello.Limits
        let status: DaemonStatusHandler.Sources
        let start: ContinuousClock.Instant
        let monitor: HealthMonitor
        let steward: ConfigurationReloader
        let digest: TargetDigest
        let throttle: Throttle
        /// Tells users apart in the throttle, also where the trail has them as they are.
        let throttleDigest: TargetDigest
        let metrics: AgentMetrics
        let level: LogLevelControl
        let logger: Logger
        let clock: any AgentClock
    }

    /// All methods of both sockets, as they are under one configuration.
    init(_ foundations: Foundations) {
        self.init()
        let clients = foundations.clients
        register(PasswordAuthenticateHandler(clients: clients))
        registerUserMethods(clients: clients)
        registerPreferencesMethods(clients: clients)
        register(OTPSendHandler(clients: clients))
        register(OTPAuthenticateHandler(clients: clients))
        register(LinkSendHandler(clients: clients))
        register(LinkAuthenticateHandler(clients: clients))
        registerResets(clients: clients)
        registerSessions(clients: clients)
        register(SystemPingHandler())
        register(SystemHelloHandler(policy: foundations.policy, clients: clients, limits: foundations.limits))
        register(RPCDiscoverHandler(socket: .main), on: .main)
        register(RPCDiscoverHandler(socket: .control), on: .control)
        register(
            DaemonStatusHandler(sources: foundations.status, clock: foundations.clock, start: foundations.start)
        )
        register(DaemonHealthHandler(monitor: foundations.monitor))
        register(DaemonRefreshTokenHandler(clients: clients))
        register(DaemonReloadHandler(steward: foundations.steward))
        register(DaemonRotateCredentialHandler(steward: foundations.steward))
        register(DaemonTargetHashHandler(digest: foundations.digest))
        register(
            ThrottleListHandler(throttle: foundations.throttle, clients: clients, digest: foundations.throttleDigest)
        )
        register(ThrottleClearHandler(throttle: foundations.throttle, digest: foundations.throttleDigest))
        registerObservation(foundations)
        register(PolicyExplainHandler(policy: foundations.policy))
    }

    /// What lets the administrator look into the agent while it works.
    private mutating func registerObservation(_ foundations: Foundations) {
        let metrics = foundations.metrics
        let events = metrics.observer.events
        register(DaemonMetricsHandler(metrics: metrics))
        register(DaemonConnectionsHandler(sockets: metrics.sockets, clock: foundations.clock))
        register(DaemonLogLevelHandler(control: foundations.level, events: events, logger: foundations.logger))
        register(DaemonWatchHandler(events: events))
    }
}
