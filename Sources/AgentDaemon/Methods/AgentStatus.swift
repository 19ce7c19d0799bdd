package import AgentProtocol
import Glibc
import MosaicAPI

/// What the agent is doing, as `daemon.status` tells it.
package struct AgentStatus: Sendable {
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
    /// What holds back guesses and floods of messages.
    package var throttle: Throttle
    /// When the agent started.
    package var start: ContinuousClock.Instant
    /// Where a client's secret comes from.
    package var credential: @Sendable (String) -> DaemonStatus.CredentialSource? = { _ in nil }
    /// The configuration in force.
    package var configuration: @Sendable () -> DaemonStatus.ConfigurationStatus? = { nil }
    /// How callers' units are found out.
    package var callerUnits: @Sendable () -> DaemonStatus.CallerUnitsStatus? = { nil }

    /// The status of an agent that has these parts.
    package init(
        sockets: SocketMonitor,
        limiter: CallLimiter,
        clients: ClientDirectory,
        audit: AuditQueue,
        auditSink: String,
        auditWhenFull: DaemonSettings.AuditOverflow,
        throttle: Throttle,
        start: ContinuousClock.Instant
    ) {
        self.sockets = sockets
        self.limiter = limiter
        self.clients = clients
        self.audit = audit
        self.auditSink = auditSink
        self.auditWhenFull = auditWhenFull
        self.throttle = throttle
        self.start = start
    }

    /// The status now.
    package func result(now: ContinuousClock.Instant) -> DaemonStatus.Result {
        let statistics = sockets.statistics
        let load = audit.load
        return DaemonStatus.Result(
            version: AgentVersion.current,
            pid: Int(getpid()),
            uptimeSeconds: Int(clamping: (now - start).components.seconds),
            state: sockets.isDraining ? "draining" : "running",
            emulated: clients.isEmulated,
            sockets: sockets.sockets,
            load: self.load(statistics),
            clients: clients.clients.map { client in
                DaemonStatus.ClientStatus(client, credential: credential(client.name))
            },
            audit: DaemonStatus.AuditStatus(
                sink: auditSink,
                whenFull: auditWhenFull.rawValue,
                queued: load.waiting,
                capacity: audit.capacity,
                written: Int(clamping: load.written),
                dropped: Int(clamping: load.dropped),
                summed: Int(clamping: load.summed),
                failure: load.failure
            ),
            counters: counters(statistics, load),
            configuration: configuration(),
            callerUnits: callerUnits(),
            throttle: DaemonStatus.ThrottleStatus(throttle.totals)
        )
    }

    private func load(_ statistics: SocketStatistics) -> DaemonStatus.LoadStatus {
        var load = DaemonStatus.LoadStatus()
        load.connections = statistics.connections
        load.maximumConnections = sockets.maximumConnections
        load.callsInFlight = limiter.inFlight
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
