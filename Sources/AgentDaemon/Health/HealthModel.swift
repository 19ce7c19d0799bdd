/// Judges the agent's health from what is known at one instant.
///
/// A pure function of conditions and time, asked anew each time: nothing is remembered that could go stale, so health
/// cannot stay green once a token has expired, and it recovers with the next success.
package struct HealthModel: Sendable {
    /// How long a failed upstream call without a later success counts.
    package var memory: Duration
    /// Share of the audit queue from which it is worth a look.
    package var auditWarningShare: Double

    /// A model; by default failures count for 5 minutes and the audit queue is worth a look at three quarters.
    package init(memory: Duration = .seconds(300), auditWarningShare: Double = 0.75) {
        self.memory = memory
        self.auditWarningShare = auditWarningShare
    }

    /// The judgement: the worst problem's level, and every problem, worst first.
    package func judge(
        clients: [ClientCondition],
        audit: AuditCondition,
        now: ContinuousClock.Instant
    ) -> HealthReport {
        var problems = clients.flatMap { client in self.problems(of: client, now: now) }
        if let problem = problem(of: audit) { problems.append(problem) }
        return HealthReport(problems: problems)
    }

    /// The problems of one client.
    package func problems(of client: ClientCondition, now: ContinuousClock.Instant) -> [HealthProblem] {
        var problems: [HealthProblem] = []
        if let problem = tokenProblem(of: client, now: now) { problems.append(problem) }
        if let failure = client.lastFailure,
            now - failure.instant < memory,
            client.lastSuccess.map({ $0 < failure.instant }) ?? true
        {
            problems.append(
                HealthProblem(
                    .degraded,
                    subject: "upstream",
                    client: client.name,
                    message: "The last call to Mosaic failed: \(failure.kind)."
                )
            )
        }
        if client.isInsecure {
            problems.append(
                HealthProblem(
                    .degraded,
                    subject: "upstream",
                    client: client.name,
                    message: "Insecure upstream: the base URL is plain http. Use it for tests only."
                )
            )
        }
        return problems
    }

    private func tokenProblem(of client: ClientCondition, now: ContinuousClock.Instant) -> HealthProblem? {
        switch client.token {
        case .awaited:
            HealthProblem(
                .degraded,
                subject: "token",
                client: client.name,
                message: "The first access token is on its way."
            )
        case .held(let expiry) where expiry > now:
            nil
        case .held:
            HealthProblem(
                .unhealthy,
                subject: "token",
                client: client.name,
                message: "The access token has expired."
            )
        case .refreshFailing(let expiry, let failure) where expiry > now:
            HealthProblem(
                .degraded,
                subject: "token",
                client: client.name,
                message: "The access token cannot be renewed (\(failure)); it serves for another "
                    + "\((expiry - now).components.seconds) s."
            )
        case .refreshFailing(_, let failure):
            HealthProblem(
                .unhealthy,
                subject: "token",
                client: client.name,
                message: "The access token has expired and cannot be renewed: \(failure)."
            )
        case .missing(let failure):
            HealthProblem(
                .unhealthy,
                subject: "token",
                client: client.name,
                message: "There is no access token and none can be fetched: \(failure)."
            )
        case .credentialRejected(let failure):
            HealthProblem(
                .unhealthy,
                subject: "credential",
                client: client.name,
                message: "Mosaic refuses this client's credential (\(failure)). Check ClientID= and the client secret "
                    + "of [Client \(client.name)], then restart the service or run 'mosaicctl call daemon.refresh_token'."
            )
        }
    }

    private func problem(of audit: AuditCondition) -> HealthProblem? {
        if audit.occupied >= audit.capacity {
            return HealthProblem(
                audit.refusesWhenFull ? .unhealthy : .degraded,
                subject: "audit",
                message: audit.refusesWhenFull
                    ? "The audit queue is full: calls are refused until the journal takes records again."
                    : "The audit queue is full: calls go unrecorded until the journal takes records again."
            )
        }
        guard Double(audit.occupied) >= Double(audit.capacity) * auditWarningShare else { return nil }
        return HealthProblem(
            .degraded,
            subject: "audit",
            message: "The audit queue is filling up (\(audit.occupied) of \(audit.capacity)): the journal is slow."
        )
    }
}
