package import AgentProtocol
package import Systemd

/// One entry of the audit trail as it is written: a call, or what there is to tell about several.
package enum AuditEntry: Sendable, Equatable {
    /// A call and what came of it.
    case call(AuditRecord)
    /// The answer of a call that has its record already did not reach the caller after all.
    case answerLost(AuditRecord)
    /// Calls without effect that were too many to be recorded one by one.
    case summary(AuditSummary)
    /// A caller's share of the queue was used up: so many calls were refused unrecorded, so many records of other calls
    /// dropped. Without uid, those of callers that were not told apart.
    case lost(uid: UInt32?, refused: UInt64, dropped: UInt64)
}

extension AuditEntry {
    /// The entry's kind.
    package var event: AuditEvent {
        switch self {
        case .call(let record): record.event
        case .answerLost: .answerLost
        case .summary: .summary
        case .lost: .recordsLost
        }
    }

    /// Syslog priority (syslog(3)): 6 for what is expected, 5 for refusals, 4 for failures and lost records.
    package var priority: Int {
        switch event {
        case .summary:
            if case .summary(let summary) = self, summary.verdict == "ok" { 6 } else { 5 }
        case .granted, .completed: 6
        case .denied, .passwordChangeRequired, .forbidden, .throttled, .answerLost: 5
        case .failed, .recordsLost: 4
        }
    }

    /// One sentence for people.
    package var message: String {
        switch self {
        case .call(let record):
            var text = "\(record.method): \(record.verdict)"
            if let error = record.error { text += " \(error)" }
            if let reason = record.reason { text += " (\(reason))" }
            text += ", asked by \(Self.caller(of: record))"
            if let rule = record.rule { text += " under rule \(rule)" }
            return text
        case .answerLost(let record):
            return "\(record.method): the answer was lost on its way, asked by \(Self.caller(of: record))"
        case .summary(let summary):
            var text = "\(summary.method): \(summary.verdict)"
            if let error = summary.error { text += " \(error)" }
            text += ", \(summary.count) calls, asked by \(summary.uid.map { "uid \($0)" } ?? "various users")"
            if let unit = summary.unit { text += " in unit \(unit)" }
            return text
        case .lost(let uid, let refused, let dropped):
            let callers = uid.map { "uid \($0)" } ?? "various users"
            return "The audit queue had no place for \(callers): \(refused) calls refused, \(dropped) records lost"
        }
    }

    private static func caller(of record: AuditRecord) -> String {
        guard let unit = record.callerUnit else { return "uid \(record.callerUID)" }
        let isForUnit = record.socket == ServedSocket.credential.rawValue
        return "uid \(record.callerUID) \(isForUnit ? "for" : "in") unit \(unit)"
    }

    /// The journal fields, without `MESSAGE` and `PRIORITY`; absent values left out.
    package var fields: [(name: JournalFieldName, value: String)] {
        var fields: [(name: JournalFieldName, value: String)] = [("MESSAGE_ID", event.messageID)]
        func add(_ name: JournalFieldName, _ value: String?) {
            if let value { fields.append((name, value)) }
        }
        switch self {
        case .call(let record):
            add("MOSAIC_METHOD", record.method)
            add("MOSAIC_VERDICT", record.verdict)
            add("MOSAIC_ERROR", record.error)
            add("MOSAIC_REASON", record.reason)
            add("MOSAIC_OUTCOME", record.outcome)
            add("MOSAIC_CLIENT", record.client)
            add("MOSAIC_RULE", record.rule)
            add("MOSAIC_CALLER_UID", String(record.callerUID))
            add("MOSAIC_CALLER_PID", String(record.callerPID))
            add("MOSAIC_CALLER_UNIT", record.callerUnit)
            add("MOSAIC_SOCKET", record.socket)
            add("MOSAIC_TARGET", record.target)
            add("MOSAIC_CALL_ID", record.callID)
            add("MOSAIC_TRACE_ID", record.traceID)
            add("MOSAIC_UPSTREAM_STATUS", record.upstreamStatus.map { String($0) })
            add("MOSAIC_DURATION_USEC", String(record.duration.wholeMicroseconds))
            add("MOSAIC_DELIVERED", record.delivered ? "1" : "0")
            add("MOSAIC_REPLAY", record.replay ? "1" : "0")
        case .answerLost(let record):
            // What the call came to has its record: who counts verdicts must not count it twice.
            add("MOSAIC_METHOD", record.method)
            add("MOSAIC_CALLER_UID", String(record.callerUID))
            add("MOSAIC_CALLER_PID", String(record.callerPID))
            add("MOSAIC_CALLER_UNIT", record.callerUnit)
            add("MOSAIC_SOCKET", record.socket)
            add("MOSAIC_CALL_ID", record.callID)
            add("MOSAIC_TRACE_ID", record.traceID)
            add("MOSAIC_DELIVERED", "0")
        case .summary(let summary):
            add("MOSAIC_METHOD", summary.method)
            add("MOSAIC_VERDICT", summary.verdict)
            add("MOSAIC_ERROR", summary.error)
            add("MOSAIC_CALLER_UID", summary.uid.map { String($0) })
            add("MOSAIC_CALLER_UNIT", summary.unit)
            add("MOSAIC_SOCKET", summary.socket)
            add("MOSAIC_CALLS", String(summary.count))
            add("MOSAIC_FIRST_REALTIME_USEC", String(summary.first.microseconds))
            add("MOSAIC_LAST_REALTIME_USEC", String(summary.last.microseconds))
        case .lost(let uid, let refused, let dropped):
            add("MOSAIC_CALLER_UID", uid.map { String($0) })
            add("MOSAIC_CALLS_REFUSED", String(refused))
            add("MOSAIC_RECORDS_DROPPED", String(dropped))
        }
        return fields
    }
}

extension Duration {
    /// The duration in whole microseconds, rounded down.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// The duration in whole milliseconds, rounded down.
    package var wholeMilliseconds: Int64 {
        wholeMicroseconds / 1000
    }

    /// So many milliseconds that who waits for them comes not a moment too early.
    package var sufficientMilliseconds: Int {
        Int(clamping: wholeMilliseconds + 1)
    }
}
