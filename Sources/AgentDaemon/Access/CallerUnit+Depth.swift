extension CallerUnit {
    /// How much somebody wants to know.
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

    /// As if nobody had asked where the answer was a problem that may have passed.
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
