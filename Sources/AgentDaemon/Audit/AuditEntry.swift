package import AgentProtocol
package import Systemd

/// One entry of the audit trail as it is written: a call, or a note that calls could not be recorded.
package enum AuditEntry: Sendable, Equatable {
    /// A call and what came of it.
    case call(AuditRecord)
    /// The queue was full: so many calls were refused unrecorded, so many records of other calls dropped.
    case lost(refused: UInt64, dropped: UInt64)
}

extension AuditEntry {
    /// The entry's kind.
    package var event: AuditEvent {
        switch self {
        case .call(let record): record.event
        case .lost: .recordsLost
        }
    }

    /// Syslog priority (syslog(3)): 6 for what is expected, 5 for refusals, 4 for failures and lost records.
    package var priority: Int {
        switch event {
        case .granted, .completed: 6
        case .denied, .passwordChangeRequired, .forbidden, .throttled: 5
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
            text += ", asked by uid \(record.callerUID)"
            if let unit = record.callerUnit {
                let isForUnit = record.socket == ServedSocket.credential.rawValue
                text += isForUnit ? " for unit \(unit)" : " in unit \(unit)"
            }
            if let rule = record.rule { text += " under rule \(rule)" }
            return text
        case .lost(let refused, let dropped):
            return "The audit queue was full: \(refused) calls refused, \(dropped) records lost"
        }
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
        case .lost(let refused, let dropped):
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
