/// The unit of the service manager that a caller belongs to, as far as it is known.
///
/// Unlike uid and groups, nothing of the connection tells it: systemd must be asked, and only about a process that is
/// certainly still the one that made the connection.
package enum CallerUnit: Sendable, Hashable {
    /// Not asked for yet.
    case unasked
    /// The unit of the system's manager, and what is known below it.
    case known(String, user: UserUnit = .none)
    /// It could not be found out; no rule with a condition on units is then for the caller.
    case unknown(CallerUnitProblem)

    /// The unit that a user's own manager has the caller in.
    package enum UserUnit: Sendable, Hashable {
        /// The caller is of no user's manager.
        case none
        /// It is of a user's manager, of which no more was asked.
        case unasked
        /// It is in this unit of the manager of the user with this uid.
        case known(String, manager: UInt32)
        /// It is of a user's manager, but the unit there could not be found out.
        case unknown(CallerUnitProblem)
    }

    /// The unit of the system's manager, for the audit record and for `system.hello`.
    package var name: String? {
        guard case .known(let name, _) = self else { return nil }
        return name
    }
}

/// Why it is not known which unit a caller belongs to.
package enum CallerUnitProblem: String, Error, Sendable, Hashable, CaseIterable {
    /// Not asked for, because nothing depended on it.
    case unasked = "not_asked"
    /// The kernel can name the caller's process only by a number that another process may have by now.
    case unnamedProcess = "no_process_descriptor"
    /// The caller's process is gone, or was gone before systemd had answered about it.
    case processGone = "process_gone"
    /// The process of that number began after the connection was made, so it is another one.
    case processTooYoung = "process_too_young"
    /// When the process began cannot be seen (`ProtectProc=invisible` in the agent's unit).
    case processHidden = "process_hidden"
    /// The process of that number runs as another user than the one that made the connection.
    case otherUser = "process_of_other_user"
    /// The system bus cannot be reached.
    case noBus = "no_bus"
    /// systemd did not answer in time.
    case late = "time_out"
    /// systemd refused to answer, or its answer made no sense.
    case refused = "systemd_error"
    /// systemd knows no unit with that process.
    case noUnit = "no_unit"
    /// Too many callers' units were being looked up.
    case busy = "busy"

    /// One word for the journal and for machines.
    package var code: String { rawValue }

    /// What happened, as a clause.
    package var sentence: String {
        switch self {
        case .unasked: "systemd has not been asked"
        case .unnamedProcess: "the kernel has no lasting name for the caller's process"
        case .processGone: "the caller's process is gone"
        case .processTooYoung: "the process of the caller's number began after the connection was made"
        case .processHidden: "it cannot be seen when the caller's process began (ProtectProc= hides it from the agent)"
        case .otherUser: "the process of the caller's number runs as another user"
        case .noBus: "the system bus cannot be reached"
        case .late: "systemd did not answer in time"
        case .refused: "systemd did not give a usable answer"
        case .noUnit: "systemd knows no unit with the caller's process"
        case .busy: "too many callers were being looked up"
        }
    }
}

extension CallerUnit {
    /// How much is to be found out.
    package enum Depth: Sendable, Hashable, Comparable {
        /// The unit of the system's manager.
        case unit
        /// The unit of a user's manager, too.
        case userUnit
    }

    /// Whether this says what is asked, be it that it is not known.
    func answers(_ depth: Depth) -> Bool {
        switch self {
        case .unasked: false
        case .known(_, .unasked): depth == .unit
        case .known, .unknown: true
        }
    }

    /// This, with `problem` where it does not say what is asked.
    func answering(_ depth: Depth, otherwise problem: CallerUnitProblem) -> CallerUnit {
        guard !answers(depth) else { return self }
        guard case .known(let name, _) = self else { return .unknown(problem) }
        return .known(name, user: .unknown(problem))
    }

    /// As if systemd had not been asked where the answer was a problem that may have passed.
    var withoutPassingProblems: CallerUnit {
        switch self {
        case .unknown(let problem) where problem.isTransient: .unasked
        case .known(let name, .unknown(let problem)) where problem.isTransient: .known(name, user: .unasked)
        default: self
        }
    }

    /// Whether there is nothing more to be found out.
    var isFinal: Bool {
        answers(.userUnit) && withoutPassingProblems == self
    }
}
