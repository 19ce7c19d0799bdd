import AgentProtocol
package import Logging
package import MosaicAPI
import Systemd

/// Takes each call through its life: method, access, parameters, access again, a place in the audit trail, the memory of
/// sends, the throttle, the handler, the release of its verdict, and one answer with one audit record.
///
/// Every step is a type of its own and the steps never turn back. Whatever stops a call on the way becomes an error answer
/// with the agent's own id of the call.
package final class Dispatcher: CallDispatching {
    /// The steps and what they stand on.
    package struct Steps: Sendable {
        /// What the agent can do.
        package var methods: MethodRegistry
        /// The clients that it can act as at Mosaic.
        package var clients: ClientDirectory
        /// Who may do it.
        package var access: AccessGate
        /// How much of it at once.
        package var limiter: CallLimiter
        /// Whether it can be recorded.
        package var audit: AuditGate
        /// How targets are named in the records.
        package var digest: TargetDigest
        /// Whether there has not been too much of it.
        package var throttle: ThrottleGate
        /// What was sent before.
        package var sends: IdempotencyCache
        /// Is told of every call that has its answer.
        package var observer: AgentObserver
        /// When uniform verdicts leave.
        package var release: DelayedResponse

        /// The steps of a dispatcher.
        package init(
            methods: MethodRegistry,
            clients: ClientDirectory,
            access: AccessGate,
            limiter: CallLimiter,
            audit: AuditGate,
            digest: TargetDigest,
            throttle: ThrottleGate,
            sends: IdempotencyCache = IdempotencyCache(),
            observer: AgentObserver = AgentObserver(),
            release: DelayedResponse
        ) {
            self.methods = methods
            self.clients = clients
            self.access = access
            self.limiter = limiter
            self.audit = audit
            self.digest = digest
            self.throttle = throttle
            self.sends = sends
            self.observer = observer
            self.release = release
        }
    }

    private let steps: Steps
    private let clock: any AgentClock
    private let logger: Logger

    /// A dispatcher of these steps.
    package init(steps: Steps, clock: any AgentClock, logger: Logger) {
        self.steps = steps
        self.clock = clock
        self.logger = logger
    }

    package func dispatch(_ call: Call) async -> Answer {
        let trail = CallRecorder(call)
        if !call.isProbe { call.unit?.begin() }
        guard steps.limiter.enter(socket: call.socket, caller: call.caller) else {
            return answer(CallFailure(.overloaded, "too many calls are being served; try again later"), trail)
        }
        defer { steps.limiter.leave(socket: call.socket, caller: call.caller) }
        // Not before the answer is released: until then nothing may show what it says.
        defer { if let attempt = trail.attempt { steps.throttle.end(attempt) } }
        do {
            return await release(try await serve(call, trail), trail)
        } catch is AuditTrailFull {
            return Answer(line: CallFailure.auditTrailFull.protocolError(trail).line(), audit: nil)
        } catch {
            return answer(failure(of: error, trail), trail)
        }
    }

    @inline(__always) private func serve(_ call: Call, _ trail: CallRecorder) async throws -> EncodedReply {
        if let ending = call.control.ending { throw CallFailure(ending, progress: .notBegun) }
        if let refusal = call.refusal { throw refusal }
        guard let method = steps.methods[call.request.method, on: call.socket] else {
            throw ProtocolError.methodNotFound(on: call.socket, id: call.request.id)
        }
        trail.method = method.descriptor
        try await steps.access.admit(call, by: &trail.caller, to: method.descriptor)

        let metadata = try call.request.metadata()
        trail.metadata = metadata
        let prepared = try method.prepare(call.request)
        trail.target = method.descriptor.target(in: call.request.params)
        trail.targetHash = trail.target.map { steps.throttle.digest.keyedHash(of: $0) }
        trail.permit = try await steps.access.permit(
            call,
            by: &trail.caller,
            method.descriptor,
            client: metadata.client,
            target: trail.target,
            furtherTargets: method.descriptor.furtherTargets(in: call.request.params),
            fieldRights: method.descriptor.fieldRights(usedBy: call.request.params)
        )
        trail.clientAddress = try trail.permit?.clientAddress(in: call.request)

        if trail.acts {
            guard let ticket = steps.audit.ticket(for: AuditCaller(of: call)) else { throw AuditTrailFull() }
            trail.ticket = ticket
        }

        let reply = try await carryOut(prepared, trail)
        guard reply.line.count <= ProtocolLimits.maximumResultBytes else {
            throw CallFailure(
                .resultTooLarge,
                "the result is longer than \(ProtocolLimits.maximumResultBytes) bytes",
                outcome: .unknown
            )
        }
        trail.decision = clock.now
        return reply
    }

    /// Has the handler do its work; a send with a key at most once, however often it is asked for.
    @inline(__always) private func carryOut(
        _ prepared: PreparedCall,
        _ trail: CallRecorder
    ) async throws -> EncodedReply {
        let call = trail.call
        let context = CallContext(
            call: call,
            caller: trail.caller,
            callID: trail.callID,
            permit: trail.permit,
            client: trail.permit.flatMap { steps.clients[$0.client] },
            upstreamAnswer: trail.upstreamAnswer
        )
        guard let sent = prepared.sent, let name = trail.metadata?.idempotencyKey, let permit = trail.permit else {
            return try await run(prepared, context, trail)
        }
        let key = SendKey(
            callerUID: call.caller.uid,
            client: permit.client,
            method: call.request.method,
            name: name
        )
        do {
            let answer = try await steps.sends.once(key, parameters: sent(), clock: clock) {
                do throws(CallFailure) {
                    return .success(try await send(prepared, context, trail))
                } catch {
                    return .failure(error)
                }
            }
            trail.isReplay = answer.isReplay
            let reply = try answer.end.get()
            return answer.isReplay ? reply.answering(call.request.id) : reply
        } catch is IdempotencyCache.EndedWhileWaiting {
            // The other call may have sent already.
            throw CallFailure(call.control.ending ?? .shuttingDown, progress: .begun)
        }
    }

    /// Has the handler do its work, unless the throttle holds the call back, and keeps how an attempt has ended.
    @inline(__always) private func run(
        _ prepared: PreparedCall,
        _ context: CallContext,
        _ trail: CallRecorder
    ) async throws(CallFailure) -> EncodedReply {
        trail.attempt = try await steps.throttle.beginAttempt(trail)
        do throws(CallFailure) {
            let reply =
                trail.method?.budget == .sends
                ? try await send(prepared, context, trail) : try await handle(prepared, context, trail)
            let end = AttemptEnd(reply, of: trail)
            trail.attempt?.end = end
            return reply
        } catch {
            let end = AttemptEnd(error, of: trail)
            trail.attempt?.end = end
            throw error
        }
    }

    /// Has the handler do its work, unless it is a send that the throttle holds back.
    private func send(
        _ prepared: PreparedCall,
        _ context: CallContext,
        _ trail: CallRecorder
    ) async throws(CallFailure) -> EncodedReply {
        try await steps.throttle.send(trail) { () async throws(CallFailure) in
            try await handle(prepared, context, trail)
        }
    }

    /// Has the handler do its work.
    @inline(__always) private func handle(
        _ prepared: PreparedCall,
        _ context: CallContext,
        _ trail: CallRecorder
    ) async throws(CallFailure) -> EncodedReply {
        do {
            return try await prepared.run(context)
        } catch {
            throw failure(of: error, trail)
        }
    }

    /// Stops a call for whose record the queue has no room. The queue has counted it, so it gets no record of its own.
    private struct AuditTrailFull: Error {}

    private func failure(of error: any Error, _ trail: CallRecorder) -> CallFailure {
        let control = trail.call.control
        switch error {
        case let failure as CallFailure: return failure
        case let error as ProtocolError: return CallFailure(error)
        case let failure as APIFailure:
            // What ended the call explains its failure better than the cancelled request does; what Mosaic has
            // answered is explained by itself.
            if let ending = control.ending, failure.kind == .cancelled || !failure.outcome.isAnswered {
                return CallFailure(ending, progress: failure.outcome == .notSent ? .notBegun : .begun)
            }
            return failure.kind == .cancelled
                ? CallFailure(.shuttingDown, progress: failure.outcome == .notSent ? .notBegun : .begun)
                : CallFailure(failure)
        case is CancellationError:
            return CallFailure(control.ending ?? .shuttingDown, progress: control.progress)
        default:
            // Only the type: what a foreign error says of itself may quote what it was given.
            logger.error(
                "unexpected error in handler",
                metadata: [
                    "call_id": "\(trail.callID, occurrence: .single)",
                    "method": "\(AuditRecord.safeMethod(trail.call.request.method))",
                    "error": "\(type(of: error))",
                ]
            )
            return CallFailure(
                .internal,
                "an error in the agent; call_id finds it in the journal",
                outcome: control.progress == .notBegun ? .notSent : .unknown,
                reason: "\(type(of: error))"
            )
        }
    }

    /// Lets the reply out at its time. The record has its verdict also where the caller ended the call before that.
    @inline(__always) private func release(_ reply: EncodedReply, _ trail: CallRecorder) async -> Answer {
        let isUniform = trail.method?.isUniform ?? false
        let ending =
            steps.release.holds(reply.verdict, isUniform: isUniform)
            ? await steps.release.wait(verdict: reply.verdict, isUniform: isUniform, call: trail.call) : nil
        var record = trail.record(of: reply, now: clock.now, digest: steps.digest)
        guard let ending else { return submit(record, line: reply.line, trail) }
        let failure = CallFailure(ending, progress: .held)
        record.error = failure.kind.name
        record.outcome = failure.outcome?.rawValue
        return submit(record, line: failure.protocolError(trail).line(), trail)
    }

    private func answer(_ failure: CallFailure, _ trail: CallRecorder) -> Answer {
        var failure = failure
        if failure.outcome == nil, trail.acts { failure.outcome = .notSent }
        let record = trail.record(of: failure, now: clock.now, digest: steps.digest)
        return submit(record, line: failure.protocolError(trail).line(), trail)
    }

    private func submit(_ record: AuditRecord, line: [UInt8], _ trail: CallRecorder) -> Answer {
        if trail.call.isProbe, trail.call.request.method == SystemPing.name { return Answer(line: line, audit: nil) }
        steps.observer.callEnded(record, method: trail.method?.name)
        // Without a ticket it could not act: it needs no more than to be counted.
        let ticket =
            trail.ticket ?? steps.audit.effectlessTicket(for: AuditCaller(of: trail.call), method: trail.method?.name)
        ticket.fill(record)
        return Answer(line: line, audit: ticket)
    }
}

extension CallFailure {
    /// The failure of a call that cannot be recorded.
    static let auditTrailFull = CallFailure(
        .overloaded,
        "too many records of your calls wait for the audit trail; try again later",
        outcome: .notSent
    )

    /// The error that the caller gets.
    fileprivate func protocolError(_ trail: CallRecorder) -> ProtocolError {
        let isLocal = trail.method?.retryClass == .local && kind != .invalidParams
        var error = ProtocolError(
            kind,
            message,
            id: trail.call.request.id,
            outcome: isLocal ? nil : outcome,
            retryClass: trail.method?.retryClass ?? .local,
            retryAfterMilliseconds: retryAfter.map { Int(clamping: $0.wholeMilliseconds) },
            parameter: parameter,
            callID: trail.callID.description,
            upstream: trail.mayKnowDetails ? upstream : nil,
            violations: violations
        )
        error.replayed = trail.isReplay
        // A stop that found the request on its way leaves open what came of it.
        if kind == .shuttingDown, error.outcome == .unknown { error.retryable = false }
        return error
    }
}
