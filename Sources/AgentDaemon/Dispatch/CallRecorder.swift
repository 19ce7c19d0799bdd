import AgentProtocol
import MosaicAPI

/// What becomes known of a call on its way, for its answer and its audit record. It belongs to the call's task alone.
final class CallRecorder {
    let call: Call
    /// The call's caller, with what became known of its unit.
    var caller: Caller
    let callID = CallID()
    let upstreamAnswer = UpstreamAnswer()
    var method: MethodDescriptor?
    var metadata: CallMetadata?
    var target: Target?
    /// What the throttle and the records name the target by, worked out once.
    var targetHash: TargetDigest.KeyedHash?
    var permit: AccessPermit?
    /// Where the person at the caller's other end comes from, if the caller's word on it is trusted.
    var clientAddress: ClientAddress?
    /// The attempt on a user that the call makes, until its answer is released.
    var attempt: ThrottleGate.Attempt?
    var ticket: AuditTicket?
    /// Whether the answer is that of an earlier send under the same key.
    var isReplay = false
    /// Set when the answer is known, so that the wait for the release grid does not count as the call's duration.
    var decision: ContinuousClock.Instant?

    init(_ call: Call) {
        self.call = call
        caller = call.caller
    }

    /// Whether the call acts at Mosaic, so that its errors have an outcome.
    var acts: Bool { method.map { $0.retryClass != .local } ?? false }

    /// Whether the caller may learn what Mosaic answered.
    var mayKnowDetails: Bool { permit?.details ?? (call.socket == .control) }

    /// The record of a call that has a result.
    func record(of reply: EncodedReply, now: ContinuousClock.Instant, digest: TargetDigest) -> AuditRecord {
        var record = baseRecord(
            event: Self.event(of: reply.verdict),
            verdict: reply.verdict?.name ?? "ok",
            now: now,
            digest: digest
        )
        record.reason = reply.reason
        record.target = reply.target ?? record.target
        return record
    }

    /// The record of a call that has failed.
    func record(of failure: CallFailure, now: ContinuousClock.Instant, digest: TargetDigest) -> AuditRecord {
        var record = baseRecord(
            event: Self.event(of: failure, method: method),
            verdict: "error",
            now: now,
            digest: digest
        )
        record.error = failure.kind.name
        record.reason = failure.reason
        record.outcome = failure.outcome?.rawValue
        record.upstreamStatus = failure.upstream?.status ?? upstreamAnswer.status
        return record
    }

    private func baseRecord(
        event: AuditEvent,
        verdict: String,
        now: ContinuousClock.Instant,
        digest: TargetDigest
    ) -> AuditRecord {
        var record = AuditRecord(
            event: event,
            method: call.request.method,
            verdict: verdict,
            callerUID: caller.uid,
            callerPID: caller.pid,
            socket: call.entrance.rawValue,
            callID: callID.description,
            duration: (decision ?? now) - call.arrival,
            isKnownMethod: method != nil
        )
        record.callerUnit = caller.unit.name ?? call.unit?.current.name
        record.upstreamStatus = upstreamAnswer.status
        record.replay = isReplay
        record.client = permit?.client
        record.rule = permit?.rule
        record.traceID = metadata?.traceID?.description
        record.target = target.map { digest.text(of: $0, known: targetHash) }
        return record
    }

    private static func event(of failure: CallFailure, method: MethodDescriptor?) -> AuditEvent {
        switch failure.kind {
        case .forbidden: .forbidden
        case .throttled: .throttled
        // To be cancelled, or to end with the agent, is how such a call ends.
        case .cancelled where method?.isOpenEnded == true, .shuttingDown where method?.isOpenEnded == true: .completed
        default: .failed
        }
    }

    private static func event(of verdict: Verdict?) -> AuditEvent {
        switch verdict {
        case .granted?: .granted
        case .denied?: .denied
        case .passwordChangeRequired?: .passwordChangeRequired
        default: .completed
        }
    }
}
