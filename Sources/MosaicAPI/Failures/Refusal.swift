/// An answer outside the 2xx class, taken apart: the material that the endpoints' own rules classify.
package struct Refusal: Sendable {
    /// The HTTP status.
    let status: Int
    /// What the body says.
    let body: ErrorBody
    /// The first scheme of `WWW-Authenticate`, in lower case.
    let authenticateScheme: String?
    /// How long to wait before trying again, at most 60 s.
    let retryAfter: Duration?

    /// Takes an answer apart.
    ///
    /// - Parameter wallClock: Seconds since 1970, for a `Retry-After` that is a date.
    init(_ response: UpstreamResponse, wallClock: Int64) {
        status = response.status
        body = ErrorBody(response.body)
        authenticateScheme = Self.firstScheme(response.authenticate)
        retryAfter = response.retryAfter.flatMap { RetryAfter.duration($0, wallClock: wallClock) }
    }

    /// Whether the answer says that the bearer token was the trouble (RFC 6750, section 3).
    var namesBearer: Bool { authenticateScheme == "bearer" }

    /// Whether the code says that a decision was made about the user or the credential.
    var hasDecisionCode: Bool { body.code.map { $0.hasPrefix("auth_") || $0.hasPrefix("user_") } ?? false }

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
            authenticateScheme: authenticateScheme,
            retryAfter: retryAfter,
            transport: nil
        )
    }

    /// The kind that follows from the status alone, where the endpoint has nothing to say about it.
    ///
    /// | status | kind |
    /// |---|---|
    /// | 429 | rate limited |
    /// | 408, 5xx | unavailable |
    /// | 403 | forbidden |
    /// | 401 | credential rejected |
    /// | all else | protocol violation |
    var kindByStatus: APIFailure.Kind {
        switch status {
        case 429: .rateLimited
        case 408, 500...599: .unavailable
        case 403: .forbidden
        case 401: .credentialRejected
        default: .protocolViolation
        }
    }

    private static func firstScheme(_ fields: [String]) -> String? {
        guard let field = fields.first(where: { $0.utf8.count <= 1024 }) else { return nil }
        let scheme = field.utf8.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0.isASCIILetter || $0 == UInt8(ascii: "-") }
        return scheme.isEmpty ? nil : String(decoding: scheme.map(\.lowercasedASCII), as: UTF8.self)
    }
}
