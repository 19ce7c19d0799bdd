/// The agent's health at one instant.
package struct HealthReport: Sendable, Equatable {
    /// The level of the worst problem; healthy if there is none.
    package let level: HealthLevel
    /// Every problem, worst first, otherwise in the order of the configuration.
    package let problems: [HealthProblem]

    /// A report of these problems.
    package init(problems: [HealthProblem]) {
        // Swift's sort is stable in practice but not by promise; equal levels keep their order through the index.
        self.problems = problems.enumerated()
            .sorted { ($1.element.level, $0.offset) < ($0.element.level, $1.offset) }
            .map(\.element)
        self.level = self.problems.first?.level ?? .healthy
    }

    /// One line for `STATUS=`: the level, and the first problem where there is one.
    package var summary: String {
        guard let first = problems.first else { return level.rawValue }
        let client = first.client.map { " [\($0)]" } ?? ""
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        return "\(level.rawValue)\(client): \(first.message)\(more)"
    }
}
