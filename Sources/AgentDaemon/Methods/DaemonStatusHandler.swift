package import AgentProtocol
import Glibc
package import MosaicAPI

/// Carries out `daemon.status`.
package struct DaemonStatusHandler: MethodHandler {
    package typealias Method = DaemonStatus

    /// What the status is made of.
    package struct Sources: Sendable {
        /// The sockets.
        package var sockets: SocketMonitor
        /// The calls being served.
        package var limiter: CallLimiter
        /// The configured clients.
        package var clients: ClientDirectory
        /// The queue of audit records.
        package var audit: AuditQueue
        /// Where the records go: `journal` or `stderr`.
        package var auditSink: String
        /// What happens when the queue is full.
        package var auditWhenFull: DaemonSettings.AuditOverflow
        /// Where a client's secret comes from.
        package var credential: @Sendable (String) -> DaemonStatus.CredentialSource?
        /// The configuration in force.
        package var configuration: @Sendable () -> DaemonStatus.ConfigurationStatus?
        /// How callers' units are found out.
        package var callerUnits: @Sendable () -> DaemonStatus.CallerUnitsStatus?
        /// What holds back guesses and floods of messages.
        package var throttle: Throttle

        /// The sources of a status.
        package init(
            sockets: SocketMonitor,
            limiter: CallLimiter,
            clients: ClientDirectory,
            audit: AuditQueue,
            auditSink: String,
            auditWhenFull: DaemonSettings.AuditOverflow,
            throttle: Throttle,
            credential: @escaping @Sendable (String) -> DaemonStatus.CredentialSource? = { _ in nil },
            configuration: @escaping @Sendable () -> DaemonStatus.ConfigurationStatus? = { nil },
            callerUnits: @escaping @Sendable () -> DaemonStatus.CallerUnitsStatus? = { nil }
        ) {
            self.sockets = sockets
            self.limiter = limiter
            self.clients = clients
            self.audit = audit
            self.auditSink = auditSink
            self.auditWhenFull = auditWhenFull
            self.credential = credential
            self.configuration = configuration
            self.callerUnits = callerUnits
            self.throttle = throttle
        }
    }

    private let sources: Sources
    private let clock: any AgentClock
    private let start: ContinuousClock.Instant

    /// A handler.
    ///
    /// - Parameter start: when the agent started; now, if it is not given.
    package init(sources: Sources, clock: any AgentClock, start: ContinuousClock.Instant? = nil) {
        self.sources = sources
        self.clock = clock
        self.start = start ?? clock.now
    }

    package func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<DaemonStatus.Result> {
        let statistics = sources.sockets.statistics
        let audit = sources.audit.load
        return Reply(
            DaemonStatus.Result(
                version: AgentVersion.current,
                pid: Int(getpid()),
                uptimeSeconds: Int(clamping: (clock.now - start).components.seconds),
                state: sources.sockets.isDraining ? "draining" : "running",
                emulated: sources.clients.isEmulated,
                sockets: sources.sockets.sockets,
                load: load(statistics),
                clients: sources.clients.clients.map { client in
                    DaemonStatus.ClientStatus(client, credential: sources.credential(client.name))
                },
                audit: DaemonStatus.AuditStatus(
                    sink: sources.auditSink,
                    whenFull: sources.auditWhenFull.rawValue,
                    queued: audit.waiting,
                    capacity: sources.audit.capacity,
                    written: Int(clamping: audit.written),
                    dropped: Int(clamping: audit.dropped),
                    summed: Int(clamping: audit.summed),
                    failure: audit.failure
                ),
                counters: counters(statistics, audit),
                configuration: sources.configuration(),
                callerUnits: sources.callerUnits(),
                throttle: DaemonStatus.ThrottleStatus(sources.throttle.totals)
            )
        )
    }

    private func load(_ statistics: SocketStatistics) -> DaemonStatus.LoadStatus {
        var load = DaemonStatus.LoadStatus()
        load.connections = statistics.connections
        load.maximumConnections = sources.sockets.maximumConnections
        load.callsInFlight = sources.limiter.inFlight
        load.callsParked = max(0, statistics.callsInFlight - load.callsInFlight)
        return load
    }

    private func counters(_ statistics: SocketStatistics, _ audit: AuditQueue.Load) -> [String: Int] {
        [
            "connections_accepted": statistics.connectionsAccepted,
            "connections_refused": statistics.connectionsRefused,
            "connections_forbidden": statistics.connectionsForbidden,
            "connections_broken": statistics.connectionsBroken,
            "calls_received": statistics.callsReceived,
            "calls_refused_by_audit": Int(clamping: audit.refused),
            "answers_undelivered": statistics.answersUndelivered,
            "lines_refused": statistics.linesRefused,
            "accept_pauses": statistics.acceptPauses,
        ]
    }
}

extension DaemonStatus.ClientStatus {
    /// The status of a client now.
    init(_ client: ConfiguredClient, credential: DaemonStatus.CredentialSource?) {
        self.init(
            name: client.name,
            clientID: client.clientID,
            host: client.host,
            authentication: client.authentication.rawValue,
            emulated: client.service.isEmulated,
            token: DaemonStatus.TokenStatus(client.service.status),
            credential: credential
        )
    }
}

extension DaemonStatus.CallerUnitsStatus {
    /// The status of a way.
    init(_ way: CallerUnitWay) {
        var reason: String?
        if case .none(let problem) = way { reason = problem.code }
        self.init(method: way.code, reason: reason)
    }
}

extension DaemonStatus.TokenStatus {
    /// What the protocol tells of a client's token.
    init(_ status: MosaicClientStatus) {
        self.init(
            state: Self.state(status),
            ageSeconds: status.tokenAge.map { Int(clamping: $0.components.seconds) },
            expiresInSeconds: status.tokenRemaining.map { Int(clamping: $0.components.seconds) },
            lastError: status.tokenFailure.map { failure in
                // A label is the kind, and behind a dot what was behind it.
                let kind = String(failure.label.prefix { $0 != "." })
                return DaemonStatus.LastError(
                    kind: ErrorKind(kind),
                    message: failure.label + (failure.advice.map { ": \($0)" } ?? ""),
                    ageSeconds: Int(clamping: failure.age.components.seconds)
                )
            }
        )
    }

    private static func state(_ status: MosaicClientStatus) -> DaemonStatus.TokenState {
        switch status.token {
        case .credentialRejected: .rejected
        case .none where status.tokenFailure == nil: .none
        case .valid where status.tokenFailure == nil: .valid
        case .none, .valid, .expired: .retrying
        }
    }
}
