/// An answer outside the 2xx class, taken apart: the material that the endpoints' own rules classify.
package struct Refusal: Sendable {
    /// The HTTP status.
    let status: Int
    /// What the body says.
    let body: ErrorBody
    /// What `WWW-Authenticate` asks for.
    let challenges: AuthenticationChallenges
    /// How long to wait before trying again, at most 60 s.
    let retryAfter: Duration?
    /// Whether the request carried the client's access token, so that a 401 can be about that.
    let carriedClientToken: Bool

    /// The same answer as if it had another status.
    func seen(as status: Int) -> Refusal {
        Refusal(status: status, body: body, authenticateScheme: authenticateScheme, retryAfter: retryAfter)
    }

    private init(status: Int, body: ErrorBody, authenticateScheme: String?, retryAfter: Duration?) {
        self.status = status
        self.body = body
        self.authenticateScheme = authenticateScheme
        self.retryAfter = retryAfter
    }

    /// Takes an answer apart.
    ///
    /// - Parameters:
    ///   - wallClock: Seconds since 1970, for a `Retry-After` that is a date in an answer without `Date`.
    ///   - carriedClientToken: Whether the request carried the client's access token.
    init(_ response: UpstreamResponse, wallClock: Int64, carriedClientToken: Bool = true) {
        status = response.status
        body = ErrorBody(response.body)
        challenges = AuthenticationChallenges(response.authenticate)
        retryAfter = response.retryAfter.flatMap {
            RetryAfter.duration($0, date: response.date, wallClock: wallClock)
        }
        self.carriedClientToken = carriedClientToken
    }

    /// Whether `error_code` has the form of a decision about the user or the credential.
    var hasDecisionCode: Bool { body.errorCode.map { $0.hasPrefix("auth_") || $0.hasPrefix("user_") } ?? false }

    /// The failure that this answer is, seen as the given kind.
    ///
    /// A 4xx answer whose kind is a clear no has the outcome `refused`; all others could still have had an effect.
    func failure(_ kind: APIFailure.Kind) -> APIFailure {
        APIFailure(
            kind: kind,
            outcome: (400...499).contains(status) && kind.isClearNo ? .refused : .answered,
            status: status,
            code: body.code,
            legacyCode: body.legacyCode,
            message: body.message,
            resetToken: body.resetToken,
            authenticateScheme: challenges.schemes.first,
            retryAfter: retryAfter,
            transport: nil,
            concernsBearer: kind == .credentialRejected && carriedClientToken
        )
    }

    /// The kind that follows from the status alone, where the endpoint has nothing to say about it.
    ///
    /// | status | kind |
    /// |---|---|
    /// | 429 | rate limited |
    /// | 408, 5xx | unavailable |
    /// | 403 | forbidden |
    /// | 401 to the client's access token | credential rejected |
    /// | all else | protocol violation |
    var kindByStatus: APIFailure.Kind {
        switch status {
        case 429: .rateLimited
        case 408, 500...599: .unavailable
        case 403: .forbidden
        case 401 where carriedClientToken: .credentialRejected
        default: .protocolViolation
        }
    }
}
