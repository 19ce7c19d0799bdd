import AgentClient
import AgentProtocol

extension ExitStatus {
    /// The exit status for a call that failed.
    init(_ error: AgentError) {
        // What the caller must know first is that the call may have happened, whatever else went wrong.
        if error.outcome == .unknown {
            self = .outcomeUnknown
            return
        }
        switch error.code {
        case .closed where error.refusal?.kind == .overloaded: self = .throttled
        case .refused: self = error.refusal.map { Self.refusal($0) } ?? .internal
        case .permissionDenied: self = .forbidden
        case .notRunning, .cannotConnect, .closed, .noAnswer: self = .notRunning
        case .invalidRequest: self = .usage
        default: self = .internal
        }
    }

    /// The exit status for an error that the agent answered and that had no effect.
    private static func refusal(_ error: ProtocolError) -> ExitStatus {
        switch error.kind {
        case .forbidden: .forbidden
        case .throttled, .overloaded, .upstreamRateLimited: .throttled
        case .shuttingDown: .notRunning
        // The time was used up before Mosaic could be asked: it, or the way to its token, is too slow.
        case .deadlineExceeded: .upstream
        case .invalidRequest, .methodNotFound, .invalidParams: .usage
        case .parseError, .internal, .cancelled: .internal
        default: byCode(error.code)
        }
    }

    /// Kinds that this version does not know still have a code from a known range.
    private static func byCode(_ code: Int) -> ExitStatus {
        switch code {
        case 1100..<1200: .upstream
        case 1200..<1300: .refused
        default: .internal
        }
    }
}
