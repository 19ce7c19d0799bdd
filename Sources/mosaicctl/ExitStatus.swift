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
