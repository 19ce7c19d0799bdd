package import MosaicAPI

/// Takes down the conditions of clients and audit queue, and has them judged.
package struct HealthMonitor: Sendable {
    private let model: HealthModel
    private let clients: ClientDirectory
    private let audit: AuditGate
    private let refusal: @Sendable () -> String?
    private let clock: any AgentClock

    /// A monitor of these clients and this queue.
    ///
    /// - Parameter refusal: why the last reload was refused, or nil when it was not.
    package init(
        model: HealthModel = HealthModel(),
        clients: ClientDirectory,
        audit: AuditGate,
        refusal: @escaping @Sendable () -> String? = { nil },
        clock: any AgentClock
    ) {
        self.model = model
        self.clients = clients
        self.audit = audit
        self.refusal = refusal
        self.clock = clock
    }

    /// The agent's health now.
    package var report: HealthReport {
        let now = clock.now
        return model.judge(
            clients: clients.clients.map { ClientCondition(of: $0.service, now: now) },
            audit: audit.condition,
            refusal: refusal(),
            now: now
        )
    }
}
