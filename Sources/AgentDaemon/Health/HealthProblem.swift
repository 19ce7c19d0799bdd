/// One thing that keeps the agent from being healthy, and what to do about it.
package struct HealthProblem: Sendable, Hashable {
    /// How bad it is.
    package var level: HealthLevel
    /// What it is about, one stable word: `token`, `credential`, `upstream`, `audit`.
    package var subject: String
    /// The configured client it concerns, if it concerns only one.
    package var client: String?
    /// What is wrong and what to do, for people. Never holds a secret.
    package var message: String

    /// A problem.
    package init(_ level: HealthLevel, subject: String, client: String? = nil, message: String) {
        self.level = level
        self.subject = subject
        self.client = client
        self.message = message
    }
}
