public import AgentProtocol

/// Why a call has no result: the agent refused it, or no complete answer came back.
///
/// Programs look at ``code`` first; for ``Code/refused``, ``refusal`` says more. ``outcome`` tells whether the call can have
/// had an effect at Mosaic. No message contains a parameter's value.
public struct AgentError: Error, Sendable {
    /// What sort of failure it is. New codes may appear, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case notRunning, permissionDenied, cannotConnect, closed, noAnswer, cancelled, protocolViolation
            case invalidRequest, refused
        }

        private let value: Value

        /// There is no agent: no socket at the path, or no process that listens on it.
        public static let notRunning = Code(value: .notRunning)
        /// The permissions of the socket do not let this process connect.
        public static let permissionDenied = Code(value: .permissionDenied)
        /// The connection could not be made for another reason.
        public static let cannotConnect = Code(value: .cannotConnect)
        /// The connection ended before the answer was complete.
        public static let closed = Code(value: .closed)
        /// The call's deadline, and some time beyond it, passed without an answer.
        public static let noAnswer = Code(value: .noAnswer)
        /// The Swift task was cancelled, and the agent did not say in time what became of the call.
        public static let cancelled = Code(value: .cancelled)
        /// The agent sent something that is no answer of this protocol; the connection was closed.
        public static let protocolViolation = Code(value: .protocolViolation)
        /// The call was not sent, because it cannot be written as a request.
        public static let invalidRequest = Code(value: .invalidRequest)
        /// The agent answered with an error: ``AgentError/refusal``.
        public static let refused = Code(value: .refused)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What sort of failure it is.
    public let code: Code
    /// A sentence for people.
    public let message: String
    /// Whether the call can have had an effect at Mosaic; nil where the agent did not say, or the method acts locally only.
    public let outcome: Outcome?
    /// The agent's error, when ``code`` is ``Code/refused``; also the reason it gave for closing the connection.
    public let refusal: ProtocolError?

    /// Describes a failure.
    package init(_ code: Code, _ message: String, outcome: Outcome? = nil, refusal: ProtocolError? = nil) {
        self.code = code
        self.message = message
        self.outcome = outcome
        self.refusal = refusal
    }

    /// The agent's own error as the failure of a call.
    package init(_ refusal: ProtocolError) {
        self.init(.refused, refusal.message, outcome: refusal.outcome, refusal: refusal)
    }

    /// The same failure with another outcome.
    func with(outcome: Outcome?) -> AgentError {
        AgentError(code, message, outcome: outcome, refusal: refusal)
    }
}

extension AgentError: CustomStringConvertible {
    /// The code or the refusal's kind, the message, and the outcome where it is known.
    public var description: String {
        let name = code == .refused ? refusal?.kind.name : nil
        let effect =
            switch outcome {
            case .notSent: " (nothing was sent to Mosaic)"
            case .refused: " (Mosaic refused and did nothing)"
            case .unknown: " (outcome unknown)"
            case nil: ""
            }
        return "\(name ?? code.description): \(message)\(effect)"
    }
}
