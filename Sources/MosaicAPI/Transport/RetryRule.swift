/// Which requests are sent again after a failure, and when.
///
/// | request | provably not sent | 429, 502, 503, 504 | may have been sent | all else |
/// |---|---|---|---|---|
/// | reads, token requests | again | again | again | no |
/// | everything else | again | no | no | no |
///
/// The rule for refused bearer tokens is apart, see ``UnauthorizedClassifier``.
enum RetryRule {
    /// What a second arrival of a request would do.
    enum Safety: Sendable, Hashable {
        /// Nothing new: a GET, a client-credentials request.
        case repeatable
        /// Perhaps something: count an attempt, send a message.
        case once
    }

    /// How often a request is sent at most.
    static let maximumAttempts = 3

    /// Whether the failure is of the passing kind that a repetition may get around.
    static func isWorthRepeating(_ failure: APIFailure) -> Bool {
        if let transport = failure.transport {
            switch transport {
            case .connect, .connectTimeout, .reset, .deadline, .pool, .stale: return true
            // A wrong certificate or proxy stays wrong, and the rest is our own doing or a broken server.
            case .tls, .clientCertificate, .proxy, .cancelled, .aborted, .malformed, .headersTooLarge, .bodyTooLarge,
                .shutDown:
                return false
            }
        }
        guard let status = failure.status else { return false }
        return [429, 502, 503, 504].contains(status)
    }

    /// The instant at which the request is sent again, or `nil` when it is not.
    ///
    /// - Parameters:
    ///   - failure: How the last sending ended.
    ///   - attempt: How many times it was sent before that, from zero.
    ///   - deadline: The caller's; a repetition that could only begin after it is no use.
    static func nextAttempt(
        after failure: APIFailure,
        safety: Safety,
        attempt: Int,
        now: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant,
        random: Double
    ) -> ContinuousClock.Instant? {
        guard attempt + 1 < maximumAttempts, isWorthRepeating(failure),
            safety == .repeatable || failure.outcome == .notSent
        else { return nil }
        let wait = max(failure.retryAfter ?? .zero, Backoff.withinOperation.delay(attempt: attempt, random: random))
        let next = now + wait
        return next < deadline ? next : nil
    }
}
