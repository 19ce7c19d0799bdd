package import AgentProtocol

/// The agent's health at one instant.
package struct HealthReport: Sendable, Equatable {
    /// Everything that was looked at, in the order of the configuration.
    package let checks: [HealthCheck]

    /// A report of these checks.
    package init(checks: [HealthCheck]) {
        self.checks = checks
    }

    /// The status of the worst check; healthy if there is none.
    package var status: HealthStatus {
        checks.map(\.status).max { $0.severity < $1.severity } ?? .healthy
    }

    /// The checks that are not well, worst first.
    package var problems: [HealthCheck] {
        let unhealthy = checks.filter { $0.status == .unhealthy }
        let degraded = checks.filter { $0.status == .degraded }
        return unhealthy + degraded
    }

    /// One line for `STATUS=`: the status, and the first problem where there is one.
    package var summary: String {
        guard let first = problems.first else { return status.name }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        return "\(status.name): \(first.name): \(first.message)\(more)"
    }
}

/// One thing that health looks at, and how it stands.
package struct HealthCheck: Sendable, Hashable {
    /// What it is, such as `client.default.token`.
    package var name: String
    /// How it stands.
    package var status: HealthStatus
    /// What was found and, if it is not well, what to do. Never holds a secret.
    package var message: String

    /// A check.
    package init(_ name: String, _ status: HealthStatus, _ message: String) {
        self.name = name
        self.status = status
        self.message = message
    }
}
