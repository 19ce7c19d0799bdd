import AgentClient
import AgentProtocol
import Glibc

/// Why a command ends without a result.
struct CommandFailure: Error, Sendable {
    let status: ExitStatus
    /// A stable word for programs.
    let kind: String
    /// What was wrong, where, and what to do; free of secrets.
    let message: String
    /// Whether the call can have had an effect at Mosaic, where that is a question.
    var outcome: Outcome?
    /// The agent's error, if it was the agent that refused.
    var refusal: ProtocolError?
    /// What was found at the socket, if that is where it failed.
    var diagnosis: SocketDiagnosis?

    /// A failure on this side of the socket.
    init(_ status: ExitStatus, _ message: String, kind: String? = nil) {
        self.status = status
        self.message = message
        self.kind = kind ?? (status == .usage ? "usage" : "internal")
    }

    /// A failure of a call over the socket at `path`.
    init(_ error: AgentError, socket: SocketKind, path: String) {
        status = ExitStatus(error)
        kind = Self.kind(of: error)
        message = error.message
        outcome = error.outcome
        if error.code == .refused { refusal = error.refusal }
        if error.code == .notRunning || error.code == .permissionDenied || error.code == .cannotConnect {
            diagnosis = SocketDiagnosis(socket, path: path)
        }
    }

    private static func kind(of error: AgentError) -> String {
        switch error.code {
        case .notRunning: "not_running"
        case .permissionDenied: "permission_denied"
        case .cannotConnect: "cannot_connect"
        case .closed: "connection_closed"
        case .noAnswer: "no_answer"
        case .cancelled: "cancelled"
        case .protocolViolation: "protocol_violation"
        case .invalidRequest: "usage"
        case .refused: error.refusal?.kind.name ?? "refused"
        default: "internal"
        }
    }

    /// The lines for standard error behind the message, safe to show.
    var details: String {
        var list = FieldList()
        if let refusal {
            list.add("kind", "\(refusal.kind) (\(refusal.code))")
            list.add("parameter", refusal.parameter)
            list.add("try again", refusal.retryAfterMilliseconds.map { "in \(HumanUnits.wait(milliseconds: $0))" })
            list.add("call id", refusal.callID)
            if let upstream = refusal.upstream {
                list.add("Mosaic", "status \(upstream.status)" + (upstream.code.map { ", \($0)" } ?? ""))
            }
            for violation in refusal.violations { list.add("violation", violation.message) }
        }
        if outcome == .unknown {
            list.add("outcome", "unknown: the call may have taken effect")
        }
        diagnosis?.describe(in: &list)
        return list.text
    }
}

/// The message of an errno value, as strerror(3) gives it.
func systemErrorText(_ code: Int32) -> String {
    // The longest message of glibc has about 50 bytes; a buffer that is too small would only shorten the text.
    var text = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
