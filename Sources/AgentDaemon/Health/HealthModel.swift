import AgentProtocol
import MosaicAPI

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

    /// The judgement of everything that is looked at.
    ///
    /// - Parameter refusal: why the last reload was refused; nil when it was not.
    package func judge(
        clients: [ClientCondition],
        audit: AuditCondition,
        refusal: String? = nil,
        now: ContinuousClock.Instant
    ) -> HealthReport {
        HealthReport(
            checks: refusal.map { [Self.check(refusal: $0)] } ?? []
                + clients.flatMap { checks(of: $0, now: now) } + [check(of: audit)]
        )
    }

    private static func check(refusal: String) -> HealthCheck {
        HealthCheck("configuration", .degraded, "The new configuration was refused, the old one stays: \(refusal)")
    }

    /// The checks of one client: its token, and its way to Mosaic.
    package func checks(of client: ClientCondition, now: ContinuousClock.Instant) -> [HealthCheck] {
        [tokenCheck(of: client, now: now), upstreamCheck(of: client, now: now)]
    }

    private func tokenCheck(of client: ClientCondition, now: ContinuousClock.Instant) -> HealthCheck {
        let (status, message) = tokenStatus(of: client, now: now)
        return HealthCheck("client.\(client.name).token", status, message)
    }

    private func tokenStatus(of client: ClientCondition, now: ContinuousClock.Instant) -> (HealthStatus, String) {
        switch client.token {
        case .awaited:
            (.degraded, "The first access token is on its way.")
        case .held(let expiry) where expiry > now:
            (.healthy, "The access token is good for another \((expiry - now).components.seconds) s.")
        case .held:
            (.unhealthy, "The access token has expired.")
        case .refreshFailing(let expiry, let failure) where expiry > now:
            (
                .degraded,
                "The access token cannot be renewed (\(failure)). It serves for another "
                    + "\((expiry - now).components.seconds) s."
            )
        case .refreshFailing(_, let failure):
            (.unhealthy, "The access token has expired and cannot be renewed (\(failure)).")
        case .missing(let failure):
            (
                .unhealthy,
                "There is no usable access token"
                    + (failure.map { ", and none can be fetched (\($0))." } ?? "; one is being fetched.")
            )
        case .credentialRejected(let failure):
            (
                .unhealthy,
                "Mosaic refuses this client's credential" + (failure.map { " (\($0))" } ?? "")
                    + ". Compare ClientID= and the secret of [Client \(client.name)] with those at Mosaic, then restart "
                    + "the service or run 'mosaicctl refresh-token'."
            )
        }
    }

    private func upstreamCheck(of client: ClientCondition, now: ContinuousClock.Instant) -> HealthCheck {
        let (status, message) = upstreamStatus(of: client, now: now)
        return HealthCheck("client.\(client.name).upstream", status, message)
    }

    private func upstreamStatus(of client: ClientCondition, now: ContinuousClock.Instant) -> (HealthStatus, String) {
        if client.breaker == .open {
            return (
                .unhealthy,
                "Calls to Mosaic are held back after many failures; one is let through from time to time."
            )
        }
        if let failure = client.callFailure, now - failure.instant < memory {
            return (
                .degraded,
                "The last call could not be decided (\(failure.label), \((now - failure.instant).components.seconds) s ago)."
            )
        }
        if client.isInsecure {
            return (.degraded, "Insecure upstream: the URLs are plain http. Use this for tests only.")
        }
        return (.healthy, "No call has failed lately.")
    }

    private func check(of audit: AuditCondition) -> HealthCheck {
        let (status, message) = auditStatus(audit)
        return HealthCheck("audit", status, message)
    }

    private func auditStatus(_ audit: AuditCondition) -> (HealthStatus, String) {
        if audit.occupied >= audit.capacity {
            return audit.refusesWhenFull
                ? (.unhealthy, "The audit queue is full: calls are refused until the journal takes records again.")
                : (.degraded, "The audit queue is full: calls go unrecorded until the journal takes records again.")
        }
        if Double(audit.occupied) >= Double(audit.capacity) * auditWarningShare {
            return (
                .degraded,
                "The audit queue is filling up (\(audit.occupied) of \(audit.capacity)): the journal is slow."
            )
        }
        return (.healthy, "\(audit.occupied) of \(audit.capacity) places in the audit queue are taken.")
    }
}
