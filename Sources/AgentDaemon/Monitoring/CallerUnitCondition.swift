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
    /// What somebody can do so that callers' units can be found out again, as a sentence.
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
