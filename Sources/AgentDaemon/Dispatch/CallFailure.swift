package import AgentProtocol

/// Why a call is answered with an error: what the caller learns, and what only the audit record does.
package struct CallFailure: Error, Sendable, Hashable {
    /// The stable name that callers key on; code and `retryable` follow from it.
    package var kind: ErrorKind
    /// A sentence for people, without any value from the call.
    package var message: String
    /// Whether anything can have happened upstream; nil where the question does not arise.
    package var outcome: Outcome?
    /// How long to wait before trying again.
    package var retryAfter: Duration?
    /// The parameter at fault.
    package var parameter: String?
    /// What Mosaic answered. Told only to callers whose rule says `Details=yes`.
    package var upstream: ProtocolError.Upstream?
    /// What is wrong with a new password.
    package var violations: [ProtocolError.Violation]
    /// One word for the audit record that says more than the kind.
    package var reason: String?

    /// A failure of a kind.
    package init(
        _ kind: ErrorKind,
        _ message: String,
        outcome: Outcome? = nil,
        retryAfter: Duration? = nil,
        parameter: String? = nil,
        upstream: ProtocolError.Upstream? = nil,
        violations: [ProtocolError.Violation] = [],
        reason: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.outcome = outcome
        self.retryAfter = retryAfter
        self.parameter = parameter
        self.upstream = upstream
        self.violations = violations
        self.reason = reason
    }

    /// The failure that the decoding of parameters reports.
    package init(_ error: ProtocolError) {
        self.init(error.kind, error.message, outcome: error.outcome, parameter: error.parameter)
    }
}

extension CallFailure: CustomStringConvertible {
    /// Kind, message and reason on one line; no secrets, because none of the parts has any.
    package var description: String {
        "\(kind): \(message)" + (reason.map { " (\($0))" } ?? "")
    }
}
