package import AgentProtocol
package import Systemd

/// One entry of the audit trail as it is written: a call, or what there is to tell about several.
///
/// Its content is shared by its copies: an entry goes through several hands on its way to the trail.
package indirect enum AuditEntry: Sendable, Equatable {
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
        var text = ""
        text.reserveCapacity(160)
        forEachPartOfMessage { text += $0 }
        return text
    }

    /// Calls `body` with each part of the ``message``, in order.
    func forEachPartOfMessage(_ body: (String) -> Void) {
        func add(_ before: String, _ value: String?, _ after: String = "") {
            guard let value else { return }
            body(before)
            body(value)
            if !after.isEmpty { body(after) }
        }
        switch self {
        case .call(let record):
            add(record.method, ": ", record.verdict)
            add(" ", record.error)
            add(" (", record.reason, ")")
            Self.caller(of: record, add)
            add(" under rule ", record.rule)
        case .answerLost(let record):
            add(record.method, ": the answer was lost on its way")
            Self.caller(of: record, add)
        case .summary(let summary):
            add(summary.method, ": ", summary.verdict)
            add(" ", summary.error)
            add(", ", String(summary.count), " calls")
            add(", asked by ", summary.uid.map { "uid \($0)" } ?? "various users")
            add(" in unit ", summary.unit)
        case .lost(let uid, let refused, let dropped):
            add("The audit queue had no place for ", uid.map { "uid \($0)" } ?? "various users")
            add(": ", String(refused), " calls refused")
            add(", ", String(dropped), " records lost")
        }
    }

    private static func caller(of record: AuditRecord, _ add: (String, String?, String) -> Void) {
        add(", asked by uid ", String(record.callerUID), "")
        add(record.socket == ServedSocket.credential.rawValue ? " for unit " : " in unit ", record.callerUnit, "")
    }

    /// The journal fields, without `MESSAGE` and `PRIORITY`; absent values left out.
    package var fields: [(name: JournalFieldName, value: String)] {
        var fields: [(name: JournalFieldName, value: String)] = []
        forEachField { fields.append(($0, $1)) }
        return fields
    }

    /// Calls `body` with the name and the value of each of the ``fields``.
    func forEachField(_ body: (JournalFieldName, String) -> Void) {
        func add(_ name: JournalFieldName, _ value: String?) {
            if let value { body(name, value) }
        }
        add(.messageID, event.messageID)
        switch self {
        case .call(let record):
            add(.method, record.method)
            add(.verdict, record.verdict)
            add(.error, record.error)
            add(.reason, record.reason)
            add(.outcome, record.outcome)
            add(.client, record.client)
            add(.rule, record.rule)
            add(.callerUID, String(record.callerUID))
            add(.callerPID, String(record.callerPID))
            add(.callerUnit, record.callerUnit)
            add(.socket, record.socket)
            add(.target, record.target)
            add(.callID, record.callID)
            add(.traceID, record.traceID)
            add(.upstreamStatus, record.upstreamStatus.map { String($0) })
            add(.durationUsec, String(record.duration.wholeMicroseconds))
            add(.delivered, record.delivered ? "1" : "0")
            add(.replay, record.replay ? "1" : "0")
        case .answerLost(let record):
            // What the call came to has its record: who counts verdicts must not count it twice.
            add(.method, record.method)
            add(.callerUID, String(record.callerUID))
            add(.callerPID, String(record.callerPID))
            add(.callerUnit, record.callerUnit)
            add(.socket, record.socket)
            add(.callID, record.callID)
            add(.traceID, record.traceID)
            add(.delivered, "0")
        case .summary(let summary):
            add(.method, summary.method)
            add(.verdict, summary.verdict)
            add(.error, summary.error)
            add(.callerUID, summary.uid.map { String($0) })
            add(.callerUnit, summary.unit)
            add(.socket, summary.socket)
            add(.calls, String(summary.count))
            add(.firstRealtimeUsec, String(summary.first.microseconds))
            add(.lastRealtimeUsec, String(summary.last.microseconds))
        case .lost(let uid, let refused, let dropped):
            add(.callerUID, uid.map { String($0) })
            add(.callsRefused, String(refused))
            add(.recordsDropped, String(dropped))
        }
    }
}

/// The names, checked once.
extension JournalFieldName {
    fileprivate static let messageID: JournalFieldName = "MESSAGE_ID"
    fileprivate static let callerPID: JournalFieldName = "MOSAIC_CALLER_PID"
    fileprivate static let callerUID: JournalFieldName = "MOSAIC_CALLER_UID"
    fileprivate static let callerUnit: JournalFieldName = "MOSAIC_CALLER_UNIT"
    fileprivate static let calls: JournalFieldName = "MOSAIC_CALLS"
    fileprivate static let callsRefused: JournalFieldName = "MOSAIC_CALLS_REFUSED"
    fileprivate static let callID: JournalFieldName = "MOSAIC_CALL_ID"
    fileprivate static let client: JournalFieldName = "MOSAIC_CLIENT"
    fileprivate static let delivered: JournalFieldName = "MOSAIC_DELIVERED"
    fileprivate static let durationUsec: JournalFieldName = "MOSAIC_DURATION_USEC"
    fileprivate static let error: JournalFieldName = "MOSAIC_ERROR"
    fileprivate static let firstRealtimeUsec: JournalFieldName = "MOSAIC_FIRST_REALTIME_USEC"
    fileprivate static let lastRealtimeUsec: JournalFieldName = "MOSAIC_LAST_REALTIME_USEC"
    fileprivate static let method: JournalFieldName = "MOSAIC_METHOD"
    fileprivate static let outcome: JournalFieldName = "MOSAIC_OUTCOME"
    fileprivate static let reason: JournalFieldName = "MOSAIC_REASON"
    fileprivate static let recordsDropped: JournalFieldName = "MOSAIC_RECORDS_DROPPED"
    fileprivate static let replay: JournalFieldName = "MOSAIC_REPLAY"
    fileprivate static let rule: JournalFieldName = "MOSAIC_RULE"
    fileprivate static let socket: JournalFieldName = "MOSAIC_SOCKET"
    fileprivate static let target: JournalFieldName = "MOSAIC_TARGET"
    fileprivate static let traceID: JournalFieldName = "MOSAIC_TRACE_ID"
    fileprivate static let upstreamStatus: JournalFieldName = "MOSAIC_UPSTREAM_STATUS"
    fileprivate static let verdict: JournalFieldName = "MOSAIC_VERDICT"
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
    package var millisecondsRoundedUp: Int {
        Int(clamping: wholeMilliseconds + 1)
    }
}
