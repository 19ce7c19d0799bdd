/// How the conditions of a rule stand to a caller.
enum MatchResult: Sendable, Hashable {
    /// They hold.
    case fits
    /// At least one does not.
    case misses
    /// It depends on the caller's unit, which is not known; such a rule is not for the caller.
    case unknown(CallerUnitProblem)
    /// It depends on more than the unit, which is all that is known where the service manager asks for one; such a rule is
    /// not for the caller.
    case uncheckable
}

extension AccessRule.Condition {
    /// Whether the condition looks at the caller's unit.
    package var isAboutUnit: Bool {
        switch self {
        case .any, .uid, .gid: false
        case .unit, .userUnit: true
        }
    }

    /// Whether the condition names a unit of the system's manager.
    var namesUnit: Bool {
        guard case .unit = self else { return false }
        return true
    }

    /// How the condition stands to the caller.
    func fit(of caller: Caller) -> MatchResult {
        switch self {
        case .any: .fits
        case .uid(let uid): fit(of: caller, caller.uid == uid)
        case .gid(let gid): fit(of: caller, caller.groups.contains(gid))
        case .unit(let pattern): Self.fit(of: caller.unit, pattern)
        case .userUnit(let pattern):
            caller.isManager ? .uncheckable : Self.fit(of: caller.unit, user: caller.uid, pattern)
        }
    }

    private func fit(of caller: Caller, _ holds: Bool) -> MatchResult {
        caller.isManager ? .uncheckable : holds ? .fits : .misses
    }

    private static func fit(of unit: CallerUnit, _ pattern: UnitPattern) -> MatchResult {
        switch unit {
        case .unasked: .unknown(.unasked)
        case .unknown(let problem): .unknown(problem)
        case .known(let name, _): pattern.matches(name) ? .fits : .misses
        }
    }

    /// A process of one user's manager may have become another user, by a set-user-id program for instance; the name of
    /// its unit was then chosen by another than the caller's user, and does not count.
    private static func fit(of unit: CallerUnit, user: UInt32, _ pattern: UnitPattern) -> MatchResult {
        switch unit {
        case .unasked, .known(_, .unasked): .unknown(.unasked)
        case .unknown(let problem), .known(_, .unknown(let problem)): .unknown(problem)
        case .known(_, .none): .misses
        case .known(_, .known(let name, let manager)): manager == user && pattern.matches(name) ? .fits : .misses
        }
    }
}
