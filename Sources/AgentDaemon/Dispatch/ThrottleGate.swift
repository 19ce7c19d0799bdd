import AgentProtocol
import MosaicAPI
import StrictJSON

/// Asks the throttle about calls whose method has a budget, and tells it what came of them.
package struct ThrottleGate: Sendable {
    private let throttle: Throttle
    private let clients: ClientDirectory
    /// Tells users apart.
    let digest: TargetDigest
    private let events: EventHub
    private let applications = ApplicationHashes()

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

    /// Has the throttle admit a call that is an attempt on a user, waiting for others of the same caller if need be.
    ///
    /// - Returns: the attempt, to be given to ``end(_:)`` when its answer is released; nil for other calls.
    /// - Throws: `throttled` with outcome `not_sent`, or what ended the call while it waited.
    @inline(__always) func beginAttempt(_ trail: CallRecorder) async throws(CallFailure) -> Attempt? {
        guard trail.method?.budget == .attempts, let subject = await subject(of: trail) else { return nil }
        let admission: AttemptAdmission
        do throws(ThrottleRejection) {
            admission = try throttle.requestAttempt(at: subject.target, by: subject.caller)
        } catch {
            throw CallFailure(error)
        }
        switch admission {
        case .admitted(let ticket): return Attempt(ticket: ticket, client: subject.client)
        case .waiting(let waiting):
            switch await throttle.end(of: waiting) {
            case .admitted(let ticket): return Attempt(ticket: ticket, client: subject.client)
            case .refused(let refusal): throw CallFailure(refusal)
            case .left: throw CallFailure(trail.call.control.ending ?? .shuttingDown, progress: .notBegun)
            }
        }
    }

    /// Tells the throttle how an attempt has ended, now that its answer is released; and those who watch, if it has used up
    /// the budget.
    func end(_ attempt: Attempt) {
        let begun = attempt.ticket.target
        let application = attempt.client.service.knownApplicationID
        let target = application.map { ThrottleTarget(application: applications[$0], digest: begun.digest) } ?? begun
        guard throttle.release(attempt.ticket, at: target, attempt.end) else { return }
        events.publish(.attemptsExhausted) {
            let report = throttle.report(.targets([target]), limit: 1).attempts.first
            return DaemonEvent.Details(
                DaemonEvent.ExhaustedTarget(
                    target: target.digest,
                    client: attempt.client.name,
                    failures: report?.failures ?? 0,
                    uid: attempt.ticket.caller.uid,
                    retryAfterMilliseconds: report?.retryAfter?.millisecondsRoundedUp ?? 0
                )
            )
        }
    }

    /// Carries out a call, unless it is a send that the throttle does not let through.
    ///
    /// A send is given back when its caller is told an error that says that nothing was sent. An answer that does not say so
    /// uses the budget whether or not there was anyone to send to.
    ///
    /// - Parameter work: runs at most once.
    /// - Throws: `throttled` with outcome `not_sent`, and what `work` throws.
    func send(
        _ trail: CallRecorder,
        _ work: () async throws(CallFailure) -> EncodedReply
    ) async throws(CallFailure) -> EncodedReply {
        guard let method = trail.method, method.budget == .sends, let subject = await subject(of: trail) else {
            return try await work()
        }
        let kind = SendKind(method: method.name, channel: trail.call.request.channel)
        let ticket: SendTicket
        do throws(ThrottleRejection) {
            ticket = try throttle.beginSend(to: subject.target, by: subject.caller, kind)
        } catch {
            throw CallFailure(error)
        }
        do throws(CallFailure) {
            return try await work()
        } catch {
            if error.outcome == .notSent || error.outcome == .refused { throttle.giveBack(ticket) }
            throw error
        }
    }

    /// The user a call is about, its caller and its client; nil where it is about no user.
    @inline(__always) private func subject(
        of trail: CallRecorder
    ) async -> (target: ThrottleTarget, caller: ThrottleCaller, client: ConfiguredClient)? {
        guard let user = trail.target, let permit = trail.permit, let client = clients[permit.client] else {
            return nil
        }
        let application: String
        if let known = client.service.knownApplicationID {
            application = known
        } else {
            application = await self.application(of: client, deadline: trail.call.deadline)
        }
        let target = ThrottleTarget(
            application: applications[application],
            digest: trail.targetHash?.value ?? digest.value(of: user)
        )
        return (target, ThrottleCaller(uid: trail.caller.uid, address: trail.clientAddress), client)
    }

    /// The application of the client, whose clients all share its users' budgets; in place of one that its tokens do not
    /// name, the client itself.
    ///
    /// Before the client has had its first token it waits for that, which the call needs as well: else what is done
    /// meanwhile would be counted for a user of another application, and with the token every caller would begin anew.
    private func application(of client: ConfiguredClient, deadline: ContinuousClock.Instant) async -> String {
        do throws(APIFailure) {
            return try await client.service.applicationID(deadline: deadline) ?? client.clientID
        } catch {
            // The call itself will meet this, or do without a token.
            return client.clientID
        }
    }
}

extension ThrottleGate {
    /// An attempt that was admitted, until its answer is released.
    struct Attempt: Sendable {
        let ticket: AttemptTicket
        let client: ConfiguredClient
        /// How it has ended, as far as that is known.
        var end = AttemptEnd.undecided
    }
}

extension AttemptEnd {
    /// What an answer means for the user's budget.
    ///
    /// One without a verdict (`password.check`) counts as a failure whatever it says: it tells whether a password was in
    /// use before.
    init(_ reply: EncodedReply, of trail: CallRecorder) {
        switch reply.verdict {
        case .granted, .passwordChangeRequired, .continue: self = .succeeded
        default: self = .failures(1 + trail.upstreamAnswer.openAnswers)
        }
    }

    /// What an error means for the user's budget: nothing, for an outage must not lock anybody out.
    ///
    /// But a caller that ends the call itself, once the request has left, may not get away with it: it could cut every
    /// guess short, and Mosaic would lock the user out. Nor is "no such user" in place of an answer without a verdict for
    /// nothing. And what Mosaic refuses in words that say neither yes nor no may have been a guess all the same.
    init(_ failure: CallFailure, of trail: CallRecorder) {
        let isTried =
            switch failure.kind {
            case .notFound: failure.outcome != .notSent && trail.method?.isUniform == false
            case _ where failure.outcome != .unknown: false
            case .cancelled: trail.call.control.ending == .cancelled
            case .deadlineExceeded:
                (trail.metadata ?? CallMetadata()).deadlineMilliseconds < ProtocolLimits.defaultDeadlineMilliseconds
            default: false
            }
        if isTried {
            self = .failures(1 + trail.upstreamAnswer.openAnswers)
        } else if trail.upstreamAnswer.openAnswers > 0 || failure.isAnswerWithoutDecision(trail.upstreamAnswer.status) {
            self = .undecidedAnswer
        } else {
            self = .undecided
        }
    }
}

extension CallFailure {
    /// Whether Mosaic answered the call's own request with a 4xx that may have been about the user.
    ///
    /// A limit of Mosaic's and trouble with the agent's own token are not: the user was not looked at.
    fileprivate func isAnswerWithoutDecision(_ noted: Int?) -> Bool {
        guard let status = upstream?.status ?? noted, 400..<500 ~= status, outcome != .notSent else { return false }
        switch kind {
        case .upstreamUnavailable, .upstreamRateLimited, .credentialRejected: return false
        default: return true
        }
    }
}

extension Request {
    /// The channel of a send. Methods that have no such parameter have one channel, so that any name does for it, and one
    /// that has a default takes the mail.
    fileprivate var channel: String { params?["channel"]?.string ?? LinkChannel.email.name }
}

extension AccessPermit {
    /// The address that a caller states, where the rule trusts the caller's word on it; nil where none is stated.
    ///
    /// - Throws: `invalid_params` for one that cannot be read: counted without it, all people at the caller's other end would
    ///   be one.
    func clientAddress(in request: Request) throws(CallFailure) -> ClientAddress? {
        guard trustsClientIP, let text = request.params?["client_attributes"]?["ip_address"]?.string else { return nil }
        guard let address = ClientAddress(stated: text) else {
            let name = "client_attributes.ip_address"
            throw CallFailure(
                .invalidParams,
                "\(name) must be one IPv4 or IPv6 address, alone or as address:port or [IPv6]:port",
                outcome: .notSent,
                parameter: name,
                reason: "ip_address"
            )
        }
        return address
    }
}

extension CallFailure {
    /// The failure of a call that the throttle holds back.
    init(_ refusal: ThrottleRejection) {
        let what =
            switch refusal.budget {
            case .attempts: "too many failed attempts for this user"
            case .callerAttempts: "too many failed attempts by this caller"
            case .undecided: "too many attempts for this user that Mosaic did not decide"
            case .inFlight: "too many attempts for this user wait for earlier ones"
            case .sends: "too many sends for this user"
            case .callerSends: "too many sends by this caller"
            }
        self.init(
            .throttled,
            "\(what); try again after retry_after_ms",
            outcome: .notSent,
            retryAfter: .milliseconds(refusal.retryAfter.millisecondsRoundedUp),
            reason: refusal.budget.rawValue
        )
    }
}
