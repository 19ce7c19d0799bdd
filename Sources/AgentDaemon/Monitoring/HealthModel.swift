import AgentProtocol
import MosaicAPI
package import Systemd

/// Judges the agent's health from what is known at one instant.
///
/// A pure function of conditions and time, asked anew each time: nothing is remembered that could go stale, so health
/// cannot stay green once a token has expired, and it recovers with the next success.
package struct HealthModel: Sendable {
    /// How long a failed upstream call without a later success counts.
    package var memory: Duration
    /// How long a write to the audit trail or the log may take before it is worth a look.
    package var writeLimit: Duration

    /// A model; by default failures count for 5 minutes, and a write may take 2 seconds.
    package init(memory: Duration = .seconds(300), writeLimit: Duration = .seconds(2)) {
        self.memory = memory
        self.writeLimit = writeLimit
    }

    /// The judgement of everything that is looked at.
    ///
    /// - Parameters:
    ///   - sockets: the files of the sockets.
    ///   - refusal: why the last reload was refused; nil when it was not.
    package func judge(
        clients: [ClientCondition],
        audit: AuditCondition,
        log: LogWriter.Condition = LogWriter.Condition(),
        callerUnits: CallerUnitCondition? = nil,
        sockets: [SocketFileCondition] = [],
        refusal: String? = nil,
        now: ContinuousClock.Instant
    ) -> HealthReport {
        HealthReport(
            checks: (refusal.map { [Self.check(refusal: $0)] } ?? [])
                + clients.flatMap { checks(of: $0, now: now) } + [check(of: audit)] + checks(of: log)
                + (callerUnits.map { [Self.check(of: $0)] } ?? []) + sockets.map { Self.check(of: $0) }
        )
    }

    private static func check(of units: CallerUnitCondition) -> HealthCheck {
        guard case .none(let problem) = units.way else {
            return HealthCheck("caller_units", .healthy, "Callers' units are found out by \(units.way.code).")
        }
        return HealthCheck(
            "caller_units",
            .degraded,
            "Callers' units cannot be found out, so rules with unit: or user_unit: admit no caller: \(problem.sentence). "
                + problem.advice
        )
    }

    private static func check(refusal: String) -> HealthCheck {
        HealthCheck("configuration", .degraded, "The new configuration was refused, the old one stays: \(refusal)")
    }

    /// The checks of one client: its token, its way to Mosaic, and the certificate that it shows, if it does.
    package func checks(of client: ClientCondition, now: ContinuousClock.Instant) -> [HealthCheck] {
        let checks = [tokenCheck(of: client, now: now), upstreamCheck(of: client, now: now)]
        return checks + (client.certificate.map { [check(of: $0, client: client.name)] } ?? [])
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
                    + ". \(Self.comparison(client)), then restart the service or run 'mosaicctl refresh-token'."
            )
        }
    }

    /// What may be wrong when Mosaic refuses a client.
    private static func comparison(_ client: ClientCondition) -> String {
        let section = "[Client \(client.name)]"
        return switch client.authentication {
        case .clientSecretPost, .clientSecretBasic:
            "Compare ClientID= and the secret of \(section) with those at Mosaic"
        case .privateKeyJWT:
            "Compare ClientID=, ClientKeyID=, the private key and AssertionAudience= of \(section) with what is registered "
                + "at Mosaic, and this host's clock with the time"
        case .tlsClientAuth:
            "Compare ClientID= and the certificate of \(section), its subject, its authority and its time, with what is "
                + "registered at Mosaic"
        case .selfSignedTLSClientAuth:
            "Compare ClientID= and the certificate of \(section), and its time, with what is registered at Mosaic"
        }
    }

    private func upstreamCheck(of client: ClientCondition, now: ContinuousClock.Instant) -> HealthCheck {
        let (status, message) = upstreamStatus(of: client, now: now)
        return HealthCheck("client.\(client.name).upstream", status, message)
    }

    private func upstreamStatus(of client: ClientCondition, now: ContinuousClock.Instant) -> (HealthStatus, String) {
        if client.breaker != .closed {
            return (
                .unhealthy,
                "Calls to Mosaic are held back after many failures; each user may try once a second."
            )
        }
        if let failure = client.callFailure, now - failure.instant < memory {
            return (
                .degraded,
                "The last call could not be decided (\(failure.label), \((now - failure.instant).components.seconds) s ago)"
                    + (failure.advice.map { ": \($0)." } ?? ".")
            )
        }
        if let withheld = client.withheld, now - withheld < memory {
            return (
                .degraded,
                "Mosaic limits the messages to a user (rate_limited, \((now - withheld).components.seconds) s ago); "
                    + "callers are told that they were accepted."
            )
        }
        if client.isInsecure {
            return (.degraded, "Insecure upstream: the URLs are plain http. Use this for tests only.")
        }
        return (.healthy, "No call has failed lately.")
    }

    private func check(of certificate: ClientCondition.Certificate, client: String) -> HealthCheck {
        let (status, message) = certificateStatus(certificate)
        return HealthCheck("client.\(client).certificate", status, message)
    }

    private func certificateStatus(_ certificate: ClientCondition.Certificate) -> (HealthStatus, String) {
        let end = certificate.expiry.validity.endText
        let advice =
            "Put a new one in its place, register it at Mosaic if need be, then reload the agent; restart it, if the "
            + "certificate is a service credential."
        let days = certificate.remaining.components.seconds / 86_400
        if certificate.remaining < .zero { return (.unhealthy, "The certificate has expired on \(end). \(advice)") }
        if certificate.remaining < certificate.expiry.warning {
            return (.degraded, "The certificate expires on \(end), in \(days) days. \(advice)")
        }
        return (.healthy, "The certificate is good until \(end), for another \(days) days.")
    }

    private func check(of audit: AuditCondition) -> HealthCheck {
        let (status, message) = auditStatus(audit)
        return HealthCheck("audit", status, message)
    }

    private func auditStatus(_ audit: AuditCondition) -> (HealthStatus, String) {
        let recentLoss = audit.loss.flatMap { $0.age < memory ? $0 : nil }
        if audit.failure != nil || audit.stalled >= writeLimit {
            // A loss of before says nothing of this fault.
            let isLosing = recentLoss.map { $0.age <= audit.stalled } ?? false
            let problem =
                audit.failure.map { "Audit records cannot be written (\($0))" } ?? "The audit trail takes no records"
            let state =
                "\(problem), for \(audit.stalled.components.seconds) s; \(audit.waiting) of at most \(audit.capacity) wait"
            guard isLosing else { return (.degraded, "\(state).") }
            return audit.refusesWhenFull
                ? (.unhealthy, "\(state): calls are refused.") : (.degraded, "\(state): records are dropped.")
        }
        let places = "\(audit.occupied) of \(audit.capacity) places in the audit queue are taken."
        guard let recentLoss else { return (.healthy, places) }
        // One caller's flood is that caller's trouble; but what was dropped is missing in the trail.
        let age = recentLoss.age.components.seconds
        return audit.refusesWhenFull
            ? (.healthy, "\(places) \(age) s ago uid \(recentLoss.uid) had used up its share; its calls were refused.")
            : (
                .degraded,
                "\(places) \(age) s ago uid \(recentLoss.uid) had used up its share; its records were dropped."
            )
    }

    /// Nothing while the log is well: it is not worth a line.
    private func checks(of log: LogWriter.Condition) -> [HealthCheck] {
        guard log.failure != nil || log.stalled >= writeLimit else { return [] }
        let problem = log.failure.map { "Log messages cannot be written (\($0))" } ?? "The log takes no messages"
        return [HealthCheck("log", .degraded, "\(problem): \(log.waiting) wait, \(log.dropped) are lost.")]
    }
}
