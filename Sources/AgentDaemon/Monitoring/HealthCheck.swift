package import AgentProtocol

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
