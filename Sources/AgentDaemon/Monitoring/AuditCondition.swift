package import MosaicAPI

/// What health needs to know about the audit queue.
package struct AuditCondition: Sendable, Equatable {
    /// Records that wait to be written.
    package var waiting: Int
    /// Places taken, by these and by calls that are being served.
    package var occupied: Int
    /// Places there are.
    package var capacity: Int
    /// Whether calls are refused when no place is free (`AuditWhenFull=refuse`).
    package var refusesWhenFull: Bool
    /// Why nothing can be written now; nil while it can.
    package var failure: String?
    /// For how long nothing could be written, or a write has not returned.
    package var stalled: Duration
    /// When a call was refused, or a record dropped, for want of a place the last time, and whose it was.
    package var loss: AuditQueue.Load.Loss?

    /// A condition of the queue.
    package init(
        waiting: Int,
        occupied: Int,
        capacity: Int,
        refusesWhenFull: Bool,
        failure: String? = nil,
        stalled: Duration = .zero,
        loss: AuditQueue.Load.Loss? = nil
    ) {
        self.waiting = waiting
        self.occupied = occupied
        self.capacity = capacity
        self.refusesWhenFull = refusesWhenFull
        self.failure = failure
        self.stalled = stalled
        self.loss = loss
    }
}

/// What health needs to know about the rules that go by callers' units.
package struct CallerUnitCondition: Sendable, Equatable {
    /// How units are found out now.
    package var way: CallerUnitWay

    /// A condition, of an agent that has such rules.
    package init(way: CallerUnitWay) {
        self.way = way
    }

    /// The condition under a policy; nil where no rule depends on it.
    init?(_ policy: AccessPolicy, units: CallerUnits?) {
        guard policy.hasUnitRules else { return nil }
        self.init(way: units?.way ?? .none(.unasked))
    }
}

extension CallerUnitProblem {
    /// What an administrator can do so that callers' units can be found out again, as a sentence.
    package var advice: String {
        switch self {
        case .processHidden:
            "On a kernel before 6.5 the agent must see other processes: set ProtectProc=default with "
                + "\"systemctl edit mosaicd\" and restart it."
        case .unnamedProcess: "A kernel of version 6.5 or newer is needed, or at least 5.3 and ProtectProc=default."
        case .noBus: "Start the system bus (dbus.socket)."
        case .late, .refused: "See whether \"busctl status org.freedesktop.systemd1\" is answered."
        case .unasked, .processGone, .processTooYoung, .otherUser, .noUnit, .busy: "It should pass by itself."
        }
    }
}

/// What health needs to know about the certificate that a client shows.
package struct CertificateExpiry: Sendable, Hashable {
    /// When it is good.
    package var validity: CertificateValidity
    /// How long before the end an administrator should know.
    package var warning: Duration

    /// What is known about a certificate.
    package init(validity: CertificateValidity, warning: Duration) {
        self.validity = validity
        self.warning = warning
    }

    /// How long it is still good; negative once it has expired.
    ///
    /// - Parameter now: seconds since 1970. It is the time of day that counts, as it does for who looks at the certificate.
    func remaining(at now: Int64) -> Duration { .seconds(validity.end - now) }
}
