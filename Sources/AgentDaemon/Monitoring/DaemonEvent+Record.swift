import AgentProtocol

extension DaemonEvent.FinishedCall {
    /// The call that an audit record is about: what may stand in the one may stand in the other.
    init(_ record: AuditRecord) {
        self.init(
            callID: record.callID,
            socket: record.socket,
            method: record.method,
            result: record.verdict,
            uid: record.callerUID,
            pid: Int(record.callerPID),
            durationMicroseconds: Int(clamping: record.duration.wholeMicroseconds)
        )
        error = record.error
        reason = record.reason
        outcome = record.outcome
        client = record.client
        rule = record.rule
        unit = record.callerUnit
        target = record.target
        traceID = record.traceID
        upstreamStatus = record.upstreamStatus
        replay = record.replay
    }
}
