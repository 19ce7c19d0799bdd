import AgentClient
import AgentProtocol

/// The exit status of every command; scripts rely on these numbers.
enum ExitStatus: Int32, CaseIterable {
    /// Done, or the login was granted.
    case done = 0
    /// The login was denied.
    case denied = 1
    /// The password was right but has to be changed first.
    case passwordChangeRequired = 3
    /// The agent's policy, or the permissions of the socket or the journal, do not allow it.
    case forbidden = 4
    /// Too much at the moment: throttled, overloaded or rate-limited; the same call works later.
    case throttled = 5
    /// No agent answers on the socket.
    case notRunning = 6
    /// Mosaic cannot be reached, answers wrongly, or refuses the agent's own credential.
    case upstream = 7
    /// Mosaic or the agent refused for another reason (the error codes from 1201 on).
    case refused = 8
    /// The call may or may not have taken effect.
    case outcomeUnknown = 9
    /// The agent works, and an administrator should look at it.
    case degraded = 10
    /// The command line, a file it names, or a parameter is wrong.
    case usage = 64
    /// A fault of mosaicctl or of the agent, or the output could not be written.
    case `internal` = 70
}

extension ExitStatus {
    /// What the status means, for the help text.
    var meaning: String {
        switch self {
        case .done: "done, granted"
        case .denied: "denied"
        case .passwordChangeRequired: "password change required"
        case .forbidden: "forbidden by the agent's policy or the permissions of the socket or the journal"
        case .throttled: "throttled, overloaded or rate-limited: try again later"
        case .notRunning: "the agent is not running"
        case .upstream: "Mosaic unreachable, or the agent's credential rejected"
        case .refused: "refused for another reason (errors 1201 and up)"
        case .outcomeUnknown: "outcome unknown: the call may have taken effect"
        case .degraded: "health: degraded"
        case .usage: "wrong command line or parameter"
        case .internal: "internal fault, or the output could not be written"
        }
    }
}

extension ExitStatus {
    /// The table for the help text.
    static var table: String {
        allCases.map { status in
            let number = "\(status.rawValue)"
            return String(repeating: " ", count: 4 - number.count) + number + "  " + status.meaning
        }.joined(separator: "\n")
    }
}

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
