import Logging

extension MosaicClient {
    /// The longest that one exchange may take, whatever the deadline of its call.
    static let exchangeTimeout = Duration.seconds(30)

    /// A call of the API that is made with a client access token.
    struct APICall: Sendable {
        let endpoint: APIEndpoint
        let method: UpstreamRequest.Method
        let url: ServiceURL
        var body: UpstreamRequest.Body?
        let safety: RetryRule.Safety
        /// The user that the request names, which limits and failures are counted for.
        var target: UpstreamTarget?

        func request(as authorization: UpstreamRequest.Authorization, sharesHead: Bool) -> UpstreamRequest {
            UpstreamRequest(method, url, authorization: authorization, body: body, sharesHead: sharesHead)
        }
    }

    /// An answer that the endpoint's own rules have to judge.
    enum APIAnswer: Sendable {
        /// A 2xx answer.
        case success(UpstreamResponse)
        /// Another answer that is no matter of the bearer token or of passing trouble.
        case refusal(UpstreamError)
    }

    /// Makes a call: gets a token, sends, repeats what may be repeated, and applies the rule for 401 answers.
    ///
    /// - Throws: ``APIFailure``: no token, no answer, 408, 429 and 5xx answers, a bearer token refused twice or not
    ///   replaced, a 401 that is no answer of the endpoint's.
    @inline(__always) func perform(_ apiCall: APICall, call: UpstreamCall) async throws(APIFailure) -> APIAnswer {
        var token: ClientToken
        if let atHand = tokens.tokenAtHand {
            token = atHand
        } else {
            token = try await tokens.token(deadline: call.deadline)
        }
        // The outcome of the request that is being repeated; nil before there is a repetition.
        var outcomeBefore: APIFailure.Outcome?
        while true {
            let sentAt = clock.now
            let response: UpstreamResponse
            do {
                response = try await sendWithRetries(apiCall, as: .bearer(token.value), sharesHead: true, call: call)
            } catch {
                // That the repetition was not sent says nothing of the request before it, which Mosaic has received.
                guard let outcomeBefore, error.outcome == .notSent else { throw error }
                throw error.with(outcome: outcomeBefore)
            }
            if (200...299).contains(response.status) {
                call.didAnswer(response.status)
                return .success(response)
            }
            let refusal = UpstreamError(response, wallClock: wallClock)
            guard refusal.status == 401 else {
                call.didAnswer(refusal.status)
                return .refusal(refusal)
            }
            let isRepeat = outcomeBefore != nil
            let proof = UnauthorizedClassifier.Proof.clientToken(age: token.age(at: sentAt), isRepeat: isRepeat)
            switch UnauthorizedClassifier.meaning(of: refusal, to: proof) {
            case .answer:
                call.didAnswer(refusal.status)
                return .refusal(refusal)
            case .violation:
                throw undecided(refusal.failure(.protocolViolation))
            case .credentialRejected:
                throw undecided(refusal.failure(.credentialRejected).with(outcome: .refused))
            case .bearerRefused(let isCertain):
                logger.debug(
                    "bearer token refused",
                    metadata: ["endpoint": "\(apiCall.endpoint.name)", "certain": "\(isCertain)"]
                )
                if !isCertain { call.maybeDecided() }
                token = try await replacement(for: token, after: refusal, isCertain: isCertain, deadline: call.deadline)
                // An answer that does not say what it dislikes may have been the decision, and counted.
                outcomeBefore = isCertain ? .refused : .unknown
            }
        }
    }

    /// Makes a call that the client's own token plays no part in: with a user's token, or with none at all.
    ///
    /// - Parameter proof: What the request proves itself with, for 401 answers.
    /// - Throws: ``APIFailure``: no answer, 408, 429 and 5xx answers, a 401 that is no answer of the endpoint's.
    func perform(
        _ apiCall: APICall,
        as authorization: UpstreamRequest.Authorization,
        proof: UnauthorizedClassifier.Proof,
        call: UpstreamCall
    ) async throws(APIFailure) -> APIAnswer {
        let response = try await sendWithRetries(apiCall, as: authorization, call: call)
        if (200...299).contains(response.status) {
            call.didAnswer(response.status)
            return .success(response)
        }
        let refusal = UpstreamError(response, wallClock: wallClock, carriedClientToken: false)
        if refusal.status == 401, UnauthorizedClassifier.meaning(of: refusal, to: proof) != .answer {
            throw undecided(refusal.failure(.protocolViolation))
        }
        call.didAnswer(refusal.status)
        return .refusal(refusal)
    }

    /// The token to repeat a refused call with.
    ///
    /// - Throws: ``APIFailure``, never a decision: `unavailable` with outcome `refused` and the time to wait, when no token
    ///   may be fetched or none can be had; `credentialRejected` when the token service refuses the client.
    private func replacement(
        for token: ClientToken,
        after refusal: UpstreamError,
        isCertain: Bool,
        deadline: ContinuousClock.Instant
    ) async throws(APIFailure) -> ClientToken {
        do {
            return try await tokens.token(insteadOf: token.identity, deadline: deadline)
        } catch {
            switch error.kind {
            case .cancelled:
                throw error.with(outcome: .unknown)
            case .deadlineExceeded, .shuttingDown:
                // An answer that does not say what it dislikes may have been the decision, and counted.
                throw error.with(outcome: isCertain ? .refused : .unknown)
            case .credentialRejected:
                throw error.with(outcome: .refused)
            default:
                throw undecided(
                    refusal.failure(.unavailable).with(outcome: .refused).with(retryAfter: error.retryAfter)
                )
            }
        }
    }

    /// Keeps a failure for the status page if it means that Mosaic is at work, and yet no call of its kind can succeed before
    /// an administrator acts.
    func noted(_ failure: APIFailure) -> APIFailure {
        failure.kind == .forbidden || failure.kind == .protocolViolation ? undecided(failure) : failure
    }

    /// Keeps a failure for the status page that Mosaic's answer alone does not show.
    private func undecided(_ failure: APIFailure) -> APIFailure {
        traffic.undecided(failure, at: clock.now)
        return failure
    }

    /// Sends a call, again after passing trouble as far as ``RetryRule`` allows.
    ///
    /// Each time the rate limits and the circuit breaker must let it pass, and are told how it ended. An exchange is cut at
    /// ``exchangeTimeout``, so no caller occupies a connection for longer.
    private func sendWithRetries(
        _ apiCall: APICall,
        as authorization: UpstreamRequest.Authorization,
        sharesHead: Bool = false,
        call: UpstreamCall
    ) async throws(APIFailure) -> UpstreamResponse {
        let party = UpstreamGuard.Call(
            apiCall.endpoint,
            host: apiCall.url.host,
            target: apiCall.target,
            uid: call.uid
        )
        var attempt = 0
        while true {
            var sentAt = clock.now
            var failure: APIFailure
            send: do {
                let permit: CircuitBreaker.Permit
                switch traffic.admit(party, at: sentAt) {
                case .send(let leave):
                    permit = leave
                case .refuse(let refusal):
                    failure = refusal
                    break send
                case .wait(let wait):
                    do throws(APIFailure) {
                        permit = try await traffic.wait(for: wait, party, deadline: call.deadline, clock: clock)
                    } catch {
                        failure = error
                        break send
                    }
                    sentAt = clock.now
                }
                let exchange = call.ending(by: sentAt + Self.exchangeTimeout)
                do throws(TransportFailure) {
                    let request = apiCall.request(as: authorization, sharesHead: sharesHead)
                    let response = try await transport.send(request, call: exchange)
                    if isEmulated { serverClock.heard(response) }
                    let now = clock.now
                    notify(.answered(response.status), of: apiCall, took: sentAt.duration(to: now))
                    switch response.status {
                    case 408, 429, 500...599:
                        let refusal = UpstreamError(response, wallClock: wallClock)
                        failure = refusal.failure(refusal.kindByStatus)
                    default:
                        traffic.succeeded(party, permit: permit, at: now)
                        return response
                    }
                } catch {
                    notify(.failed(error.reason), of: apiCall, took: sentAt.duration(to: clock.now))
                    // A caller that would wait longer is told that Mosaic does not answer, not that its own deadline has passed.
                    let isCut = error.reason == .deadline && exchange.deadline < call.deadline
                    failure = isCut ? APIFailure(error).with(kind: .unavailable) : APIFailure(error)
                }
                logger.debug(
                    "upstream call failed",
                    metadata: ["endpoint": "\(apiCall.endpoint.name)", "failure": "\(failure)"]
                )
                failure = traffic.failed(
                    party,
                    permit: permit,
                    failure: failure,
                    timeout: sentAt.duration(to: exchange.deadline),
                    at: clock.now
                )
            }
            let next = RetryRule.nextAttempt(
                after: failure,
                safety: apiCall.safety,
                attempt: attempt,
                now: clock.now,
                deadline: call.deadline,
                random: random()
            )
            guard let next else { throw failure }
            do {
                try await clock.sleep(until: next, tolerance: nil)
            } catch {
                throw failure.with(kind: .cancelled)
            }
            attempt += 1
        }
    }

    private func notify(_ end: UpstreamEnd, of apiCall: APICall, took duration: Duration) {
        observer?.requestEnded(apiCall.endpoint, client: name, end: end, duration: duration)
    }
}
