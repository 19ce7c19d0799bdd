import AgentProtocol
import MosaicAPI
import StrictJSON

/// Asks the throttle about calls whose method has a budget, and tells it what came of them.
package struct ThrottleGate: Sendable {
    private let throttle: Throttle
    private let clients: ClientDirectory
    private let digest: TargetDigest
    private let events: EventHub

    /// A gate in front of `throttle`.
    ///
    /// - Parameters:
    ///   - clients: tell the application that a call is about.
    ///   - digest: tells users apart; a keyed one also where audit records name them.
    ///   - events: where to tell that a user's budget of attempts is used up.
    package init(_ throttle: Throttle, clients: ClientDirectory, digest: TargetDigest, events: EventHub) {
        self.throttle = throttle
        self.clients = clients
        self.digest = digest
        self.events = events
    }

    /// Carries a call out, or refuses it at once because a budget is used up.
    ///
    /// - Parameter work: runs at most once.
    /// - Throws: `throttled` with outcome `not_sent`, and what `work` throws.
    func pass(
        _ trail: CallTrail,
        _ work: () async throws(CallFailure) -> EncodedReply
    ) async throws(CallFailure) -> EncodedReply {
        guard let budget = trail.method?.budget, let user = trail.target, let permit = trail.permit,
            let client = clients[permit.client]
        else { return try await work() }
        let caller = ThrottleCaller(
            uid: trail.call.caller.uid,
            address: permit.trustsClientIP ? trail.call.request.clientAddress : nil
        )
        let target = ThrottleTarget(
            application: await application(of: client, deadline: trail.call.deadline),
            digest: digest.value(of: user)
        )
        switch budget {
        case .attempts: return try await attempt(at: target, by: caller, client, trail, work)
        case .sends: return try await send(to: target, by: caller, work)
        }
    }

    private func attempt(
        at begun: ThrottleTarget,
        by caller: ThrottleCaller,
        _ client: ConfiguredClient,
        _ trail: CallTrail,
        _ work: () async throws(CallFailure) -> EncodedReply
    ) async throws(CallFailure) -> EncodedReply {
        let ticket: AttemptTicket
        do throws(ThrottleRefusal) {
            ticket = try throttle.beginAttempt(at: begun, by: caller)
        } catch {
            throw CallFailure(error)
        }
        func end(_ end: AttemptEnd) {
            let application = client.service.knownApplicationID
            let target = application.map { ThrottleTarget(application: $0, digest: begun.digest) }
            self.end(ticket, at: target ?? begun, end, client)
        }
        do throws(CallFailure) {
            let reply = try await work()
            end(AttemptEnd(reply, of: trail))
            return reply
        } catch {
            end(AttemptEnd(error, of: trail))
            throw error
        }
    }

    /// Tells the throttle how an attempt has ended; and those who watch, if it has used up the budget.
    private func end(
        _ ticket: AttemptTicket,
        at target: ThrottleTarget,
        _ end: AttemptEnd,
        _ client: ConfiguredClient
    ) {
        guard throttle.end(ticket, at: target, end) else { return }
        events.publish(.attemptsExhausted) {
            let report = throttle.report(.targets([target]), limit: 1).attempts.first
            return DaemonEvent.Details(
                DaemonEvent.ExhaustedTarget(
                    target: target.digest,
                    client: client.name,
                    failures: report?.failures ?? 0,
                    uid: ticket.caller.uid,
                    retryAfterMilliseconds: report?.retryAfter?.sufficientMilliseconds ?? 0
                )
            )
        }
    }

    private func send(
        to target: ThrottleTarget,
        by caller: ThrottleCaller,
        _ work: () async throws(CallFailure) -> EncodedReply
    ) async throws(CallFailure) -> EncodedReply {
        let ticket: SendTicket
        do throws(ThrottleRefusal) {
            ticket = try throttle.beginSend(to: target, by: caller)
        } catch {
            throw CallFailure(error)
        }
        do throws(CallFailure) {
            return try await work()
        } catch {
            if error.outcome == .notSent { throttle.giveBack(ticket) }
            throw error
        }
    }

    /// The application of the client, whose clients all share its users' budgets; in place of one that its tokens do not
    /// name, the client itself.
    ///
    /// Before the client has had its first token it waits for that, which the call needs as well: else what is done
    /// meanwhile would be counted for a user of another application, and with the token everybody would begin anew.
    private func application(of client: ConfiguredClient, deadline: ContinuousClock.Instant) async -> String {
        if let known = client.service.knownApplicationID { return known }
        do throws(APIFailure) {
            return try await client.service.applicationID(deadline: deadline) ?? client.clientID
        } catch {
            // The call itself will meet this, or do without a token.
            return client.clientID
        }
    }
}

extension AttemptEnd {
    /// What an answer means for the user's budget.
    ///
    /// One without a verdict (`password.check`) counts as a failure whatever it says: it tells whether a password was in
    /// use before.
    fileprivate init(_ reply: EncodedReply, of trail: CallTrail) {
        switch reply.verdict {
        case .granted, .passwordChangeRequired, .continue: self = .succeeded
        default: self = Self.refused(trail)
        }
    }

    /// A refused attempt, which Mosaic may have counted as often as it was sent.
    private static func refused(_ trail: CallTrail) -> AttemptEnd {
        trail.upstreamAnswer.isRepeated ? .failedTwice : .failed
    }

    /// What an error means for the user's budget: nothing, for an outage must not lock anybody out.
    ///
    /// But a caller that ends the call itself, once the request has left, may not get away with it: it could cut every
    /// guess short, and Mosaic would lock the user out. Nor is "no such user" in place of an answer without a verdict for
    /// nothing.
    fileprivate init(_ failure: CallFailure, of trail: CallTrail) {
        let isTried =
            switch failure.kind {
            case _ where failure.outcome == .notSent || failure.outcome == nil: false
            case .cancelled: trail.call.control.ending == .cancelled
            case .deadlineExceeded:
                (trail.metadata ?? CallMetadata()).deadlineMilliseconds < ProtocolLimits.defaultDeadlineMilliseconds
            case .notFound: trail.method?.isUniform == false
            default: false
            }
        self = isTried ? Self.refused(trail) : .undecided
    }
}

extension Request {
    /// The address that the caller says the person at its other end comes from; nil if there is none that can be read.
    fileprivate var clientAddress: ClientAddress? {
        params?["client_attributes"]?["ip_address"]?.string.flatMap { ClientAddress($0) }
    }
}

extension CallFailure {
    /// The failure of a call that the throttle holds back.
    init(_ refusal: ThrottleRefusal) {
        let message =
            switch refusal.budget {
            case .attempts: "too many failed attempts for this user; try again after retry_after_ms"
            case .sends: "too many sends for this user; try again after retry_after_ms"
            case .callerSends: "too many sends by this caller; try again after retry_after_ms"
            }
        self.init(
            .throttled,
            message,
            outcome: .notSent,
            retryAfter: .milliseconds(refusal.retryAfter.sufficientMilliseconds),
            reason: refusal.budget.rawValue
        )
    }
}
