package import MosaicAPI
package import Systemd

/// Takes down the conditions of clients and audit queue, and has them judged.
package struct HealthMonitor: Sendable {
    private let model: HealthModel
    private let clients: ClientDirectory
    private let audit: AuditGate
    private let log: @Sendable () -> LogWriter.Condition
    private let refusal: @Sendable () -> String?
    private let callerUnits: @Sendable () -> CallerUnitCondition?
    private let sockets: @Sendable () -> [SocketFileCondition]
    private let clock: any AgentClock
    private let wallClock: @Sendable () -> Int64

    /// A monitor of these clients and this queue.
    ///
    /// - Parameters:
    ///   - log: how the log stands.
    ///   - refusal: why the last reload was refused, or nil when it was not.
    ///   - callerUnits: how callers' units are found out, where rules depend on it.
    ///   - sockets: how the files of the sockets stand.
    ///   - clock: measures the ages of tokens and failures.
    ///   - wallClock: seconds since 1970, which certificates go by.
    package init(
        model: HealthModel = HealthModel(),
        clients: ClientDirectory,
        audit: AuditGate,
        log: @escaping @Sendable () -> LogWriter.Condition = { LogWriter.Condition() },
        refusal: @escaping @Sendable () -> String? = { nil },
        callerUnits: @escaping @Sendable () -> CallerUnitCondition? = { nil },
        sockets: @escaping @Sendable () -> [SocketFileCondition] = { [] },
        clock: any AgentClock,
        wallClock: @escaping @Sendable () -> Int64 = WallClock.secondsSince1970
    ) {
        self.model = model
        self.clients = clients
        self.audit = audit
        self.log = log
        self.refusal = refusal
        self.callerUnits = callerUnits
        self.sockets = sockets
        self.clock = clock
        self.wallClock = wallClock
    }

    /// The agent's health now.
    package var report: HealthReport {
        let now = clock.now
        return model.judge(
            clients: clients.clients.map { ClientCondition(of: $0, now: now, wallClock: wallClock()) },
            audit: audit.condition,
            log: log(),
            callerUnits: callerUnits(),
            sockets: sockets(),
            refusal: refusal(),
            now: now
        )
    }
}
