import AgentProtocol

/// What `throttle.list` answers, for people: a table per budget, under what the budget is.
enum ThrottleText {
    /// How many callers are shown in a line of a user; the rest is counted.
    private static let callersInLine = 4

    /// The tables, each line with its LF.
    static func text(_ result: ThrottleList.Result) -> String {
        let limits = result.limits
        var text = [
            section(
                "Failed attempts on a user: \(limits.attemptBudget) in \(time(limits.attemptWindowMilliseconds))",
                attempts(result),
                shown: result.attempts.count,
                of: result.totals.attempts
            ),
            section(
                "Messages of a caller to a user: \(limits.sendBudget) in \(time(limits.sendWindowMilliseconds)), one of a kind in "
                    + time(limits.sendIntervalMilliseconds),
                sends(result),
                shown: result.sends.count,
                of: result.totals.sends
            ),
            section(
                "Messages of a caller to all users: \(limits.callerSendBudget) in \(time(limits.sendWindowMilliseconds))",
                callers(result),
                shown: result.callers.count,
                of: result.totals.callers
            ),
        ].joined(separator: "\n")
        if result.evicted > 0 {
            text +=
                "\n\(result.evicted) records have had to make room for others since the agent started: "
                + "what is shown is not all there was.\n"
        }
        return text
    }

    private static func section(_ heading: String, _ table: Table, shown: Int, of total: Int) -> String {
        guard total > 0 else { return "\(heading)\nnone\n" }
        let rest = total > shown ? "(\(total - shown) more; see --limit)\n" : ""
        return "\(heading)\n\(shown > 0 ? table.text : "")\(rest)"
    }

    private static func attempts(_ result: ThrottleList.Result) -> Table {
        var table = Table(["TARGET", "CLIENT", "FAILED", "ON THE WAY", "LEFT", "AGAIN", "CALLERS"])
        for entry in result.attempts {
            let more = entry.callersTotal - min(entry.callers.count, callersInLine)
            let callers = entry.callers.prefix(callersInLine).map {
                "\(caller($0.uid, $0.address)) (\($0.failures))"
            }
            table.add([
                entry.target.description, entry.clients.joined(separator: ","),
                "\(entry.failures)" + (entry.undecided.map { " (+\($0) undecided)" } ?? ""), "\(entry.inFlight)",
                entry.exhausted ? "none" : left(result.limits.attemptBudget - entry.failures),
                again(entry.retryAfterMilliseconds),
                (callers + (more > 0 ? ["\(more) more"] : [])).joined(separator: ", "),
            ])
        }
        return table
    }

    private static func sends(_ result: ThrottleList.Result) -> Table {
        var table = Table(["TARGET", "CLIENT", "CALLER", "SENT", "LEFT", "AGAIN"])
        for entry in result.sends {
            table.add([
                entry.target.description, entry.clients.joined(separator: ","), caller(entry.uid, entry.address),
                "\(entry.count)", left(result.limits.sendBudget - entry.count), again(entry.retryAfterMilliseconds),
            ])
        }
        return table
    }

    private static func callers(_ result: ThrottleList.Result) -> Table {
        var table = Table(["CALLER", "USED", "LEFT", "AGAIN"])
        for entry in result.callers {
            table.add([
                "\(entry.uid)", "\(entry.used)", left(result.limits.callerSendBudget - entry.used),
                again(entry.retryAfterMilliseconds),
            ])
        }
        return table
    }

    private static func caller(_ uid: UInt32, _ address: String?) -> String {
        address.map { "\(uid) at \($0)" } ?? "\(uid)"
    }

    private static func left(_ count: Int) -> String { count > 0 ? "\(count)" : "none" }

    private static func again(_ milliseconds: Int?) -> String {
        milliseconds.map { "in \(HumanUnits.wait(milliseconds: $0))" } ?? "now"
    }

    private static func time(_ milliseconds: Int) -> String { HumanUnits.wait(milliseconds: milliseconds) }
}
