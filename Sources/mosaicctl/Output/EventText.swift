import AgentProtocol

/// Events of `daemon.watch` as lines for people.
enum EventText {
    /// The time, the kind, and what there is to tell, on one line with its LF.
    static func line(_ event: DaemonEvent) -> String {
        var parts = [event.time, event.kind.name]
        if event.dropped > 0 { parts.append("(\(event.dropped) events left out before this)") }
        parts += words(event.details)
        return TerminalText.escaped(parts.filter { !$0.isEmpty }.joined(separator: " ")) + "\n"
    }

    private static func words(_ details: DaemonEvent.Details) -> [String] {
        if let call = details.call { return words(call) }
        if let health = details.health { return [health.summary] }
        if let configuration = details.configuration {
            let keys = configuration.restartNeeded ?? []
            return [
                configuration.problem ?? "", keys.isEmpty ? "" : "restart needed for \(keys.joined(separator: ", "))",
            ]
        }
        if let token = details.token {
            let expiry = token.expiresInSeconds.map { "expires in \(HumanUnits.duration(seconds: $0))" }
            return ["client=\(token.client)", expiry ?? "", token.error ?? ""]
        }
        if let credential = details.credential {
            return ["client=\(credential.client)", credential.sourceReplaced ? "" : "a restart will use the old one"]
        }
        if let connection = details.connection {
            return [connection.reason, "socket=\(connection.socket)", "uid=\(connection.uid)", "pid=\(connection.pid)"]
        }
        if let level = details.logLevel {
            return [level.level, "instead of \(level.previous)", level.uid.map { "uid=\($0)" } ?? "after a reload"]
        }
        if let throttle = details.throttle { return words(throttle) }
        return []
    }

    private static func words(_ throttle: DaemonEvent.ExhaustedTarget) -> [String] {
        [
            "target=\(throttle.target)", "client=\(throttle.client)", "failures=\(throttle.failures)",
            "uid=\(throttle.uid)",
            "passes again in \(HumanUnits.wait(milliseconds: throttle.retryAfterMilliseconds))",
        ]
    }

    private static func words(_ call: DaemonEvent.FinishedCall) -> [String] {
        let result = [call.result, call.error, call.reason.map { "(\($0))" }].compactMap { $0 }.joined(separator: " ")
        let fields: [(String, String?)] = [
            ("uid", "\(call.uid)"), ("unit", call.unit), ("rule", call.rule), ("client", call.client),
            ("target", call.target), ("call_id", call.callID), ("trace_id", call.traceID),
        ]
        return [call.method, result, HumanUnits.milliseconds(microseconds: call.durationMicroseconds)]
            + fields.compactMap { name, value in value.map { "\(name)=\($0)" } } + (call.replay ? ["replay"] : [])
    }
}
