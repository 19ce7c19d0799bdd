package import Secrets

/// Why an operation on the Mosaic API brought no decision: the one failure type of this module.
///
/// All error shapes of the API, answers that are no JSON at all, and failures of the transport end here. A refused
/// login is not a failure but a result, see ``PasswordAuthenticationResult``.
package struct APIFailure: Error, Sendable, Hashable {
    /// What kind of failure it is. The raw values are the error kinds of the socket protocol.
    package enum Kind: String, Sendable, CaseIterable {
        /// No connection, a time-out, a 5xx answer, or an open circuit breaker.
        case unavailable = "upstream_unavailable"
        /// A 429 answer, or the time that an earlier one asked to wait; see ``APIFailure/retryAfter``.
        case rateLimited = "upstream_rate_limited"
        /// Mosaic refuses the client's own credential, or for one call the tokens it issued for it; see
        /// ``APIFailure/concernsBearer``.
        case credentialRejected = "credential_rejected"
        /// An answer that breaks the contract.
        case protocolViolation = "upstream_protocol"
        /// A 403 without a known code: the client lacks a permission.
        case forbidden = "upstream_forbidden"
        /// A session, refresh, reset, code or user token is not known or no longer good.
        case invalidToken = "invalid_token"
        /// The login method, redirect URI or resource is not set up at Mosaic for this application or client.
        case notConfigured = "not_configured"
        /// Mosaic dislikes a value of the request; the symbolic code or the status says no more than that.
        case invalidInput = "invalid_params"
        /// A new password is not acceptable; see ``APIFailure/violations``.
        case passwordRejected = "password_rejected"
        /// It exists already, or is in a state that does not go with the request.
        case conflict = "conflict"
        /// What the request is about does not exist.
        case notFound = "not_found"
        /// The caller's deadline passed.
        case deadlineExceeded = "deadline_exceeded"
        /// The caller's task was cancelled, or its last word was no.
        case cancelled = "cancelled"
        /// The client is being shut down.
        case shuttingDown = "shutting_down"
    }

    /// Which of the states at Mosaic that ``Kind/notConfigured`` and ``Kind/conflict`` stand for it is.
    package enum Cause: String, Sendable, CaseIterable {
        /// The login method is not set up for the application.
        case loginMethod = "login_method"
        /// The redirect URI is not registered for the application.
        case redirectURI = "redirect_uri"
        /// The application's own provider of mails or text messages is set up wrongly.
        case messageProvider = "message_provider"
        /// Mosaic does not know the application or the client.
        case application
        /// The client may not use this grant or this kind of token.
        case grant
        /// The resource is not set up for the client.
        case resource
        /// The call needs the client's secret, and the client proves itself in another way.
        case clientSecret = "client_secret"
        /// Another user has the user name.
        case usernameTaken = "username_taken"
        /// Another user has one of the other identifiers.
        case identifierTaken = "identifier_taken"
        /// The user's password is switched off.
        case passwordInactive = "password_inactive"
        /// The user has no name to use a password with.
        case loginNameMissing = "login_name_missing"
    }

    /// One thing that is wrong with a new password.
    package struct Violation: Sendable, Hashable {
        /// Mosaic's symbolic code; the older shapes have none.
        package let code: String?
        /// Mosaic's words, shortened.
        package let message: String

        /// A violation of the password policy.
        package init(code: String?, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// What is known about the caller's own request.
    package enum Outcome: String, Sendable, CaseIterable {
        /// It provably did not leave the host; it may be sent again without a double effect.
        case notSent = "not_sent"
        /// It may have reached Mosaic and may have had its effect.
        case unknown = "unknown"
        /// Mosaic answered that it does not do it, and did nothing.
        case refused = "refused"
        /// Mosaic answered it with ``APIFailure/status``, which does not exclude an effect.
        case answered = "answered"

        /// Whether Mosaic's answer to it is known.
        package var isAnswered: Bool { self == .refused || self == .answered }
    }

    /// What kind of failure it is.
    package private(set) var kind: Kind
    /// What is known about the caller's own request.
    package private(set) var outcome: Outcome
    /// The HTTP status of the answer, if there was one.
    package let status: Int?
    /// The symbolic code, such as `auth_locked` or OAuth's `invalid_client`; unknown ones are kept.
    package let code: String?
    /// The numeric code of the older shapes, also where it came as a string of digits.
    package let legacyCode: Int?
    /// Mosaic's message, shortened; for the log only. It may be a machine value such as `password_expired`.
    package let message: String?
    /// The reset token that some 403 answers carry.
    package let resetToken: Secret?
    /// How long to wait before trying again, at most 60 s.
    package private(set) var retryAfter: Duration?
    /// What went wrong below HTTP, if that is where it went wrong.
    package let transport: TransportFailure.Reason?
    /// Whether an endpoint has refused an access token, on this call alone. The token service, which alone can refuse the
    /// client as a whole, has issued that token.
    package let concernsBearer: Bool
    /// How the answer breaks the contract, in words free of its content; only of kind `protocolViolation`.
    package private(set) var detail: String?
    /// Which of the causes of its kind it has; nil when Mosaic does not tell, and for kinds with one cause.
    package private(set) var cause: Cause?
    /// What is wrong with a new password; empty unless the kind is `passwordRejected`.
    package private(set) var violations: [Violation] = []
    /// Whether a 429 is about the user that the request names alone: other users get through at the same endpoint.
    package private(set) var limitsTargetOnly = false

    /// A failure without an HTTP answer behind it.
    package init(
        _ kind: Kind,
        outcome: Outcome,
        retryAfter: Duration? = nil,
        transport: TransportFailure.Reason? = nil
    ) {
        self.init(
            kind: kind,
            outcome: outcome,
            status: nil,
            code: nil,
            legacyCode: nil,
            message: nil,
            resetToken: nil,
            retryAfter: retryAfter,
            transport: transport
        )
    }

    init(
        kind: Kind,
        outcome: Outcome,
        status: Int?,
        code: String?,
        legacyCode: Int?,
        message: String?,
        resetToken: Secret?,
        retryAfter: Duration?,
        transport: TransportFailure.Reason?,
        concernsBearer: Bool = false
    ) {
        self.kind = kind
        self.outcome = outcome
        self.status = status
        self.code = code
        self.legacyCode = legacyCode
        self.message = message
        self.resetToken = resetToken
        self.retryAfter = retryAfter
        self.transport = transport
        self.concernsBearer = concernsBearer
    }

    /// The same failure seen as another kind.
    package func with(kind: Kind) -> APIFailure {
        var copy = self
        copy.kind = kind
        return copy
    }

    /// The same failure with another outcome, for example that of the request it kept from being sent.
    package func with(outcome: Outcome) -> APIFailure {
        var copy = self
        copy.outcome = outcome
        return copy
    }

    /// The same failure with what is wrong with a new password.
    package func with(violations: [Violation]) -> APIFailure {
        var copy = self
        copy.violations = violations
        return copy
    }

    /// The same failure with how the answer breaks the contract.
    package func with(detail: String?) -> APIFailure {
        var copy = self
        copy.detail = detail
        return copy
    }

    /// The same failure with its cause.
    package func with(cause: Cause?) -> APIFailure {
        var copy = self
        copy.cause = cause
        return copy
    }

    /// The same failure, about the user that the request names alone or not.
    package func with(limitsTargetOnly: Bool) -> APIFailure {
        var copy = self
        copy.limitsTargetOnly = limitsTargetOnly
        return copy
    }

    /// The same failure with another time to wait.
    package func with(retryAfter: Duration?) -> APIFailure {
        var copy = self
        copy.retryAfter = retryAfter
        return copy
    }
}

extension APIFailure.Kind {
    /// Whether an answer of this kind says that Mosaic did nothing.
    ///
    /// A failing server may have done its work before it failed, and what an answer outside the contract means is not known.
    var isClearNo: Bool {
        switch self {
        case .rateLimited, .credentialRejected, .forbidden, .invalidToken, .notConfigured, .invalidInput,
            .passwordRejected,
            .conflict, .notFound:
            true
        case .unavailable, .protocolViolation, .deadlineExceeded, .cancelled, .shuttingDown: false
        }
    }
}

extension APIFailure {
    /// The failure that a transport failure amounts to for the request that met it.
    package init(_ failure: TransportFailure) {
        let kind: Kind =
            switch failure.reason {
            case .deadline: .deadlineExceeded
            case .cancelled, .aborted: .cancelled
            case .malformed, .headersTooLarge, .bodyTooLarge: .protocolViolation
            case .shutDown: .shuttingDown
            case .clientCertificate: .credentialRejected
            case .connect, .connectTimeout, .tls, .proxy, .pool, .stale, .reset: .unavailable
            }
        self.init(kind, outcome: failure.mayHaveBeenSent ? .unknown : .notSent, transport: failure.reason)
    }
}

extension APIFailure: CustomStringConvertible, CustomReflectable {
    /// A short text without variable data, for metric labels: the kind, and the reason or status class behind it.
    package var label: String {
        if let transport { return "\(kind.rawValue).\(transport.rawValue)" }
        if concernsBearer { return "\(kind.rawValue).bearer" }
        if let status { return "\(kind.rawValue).\(status / 100)xx" }
        return kind.rawValue
    }

    /// Kind, status, symbolic code, what breaks the contract, and outcome. Never the message or the reset token.
    package var description: String {
        var text = kind.rawValue
        if let status { text += ", HTTP \(status)" }
        if let code { text += ", \(code)" }
        if let transport { text += ", \(transport.rawValue)" }
        if let detail { text += ", \(detail)" }
        return text + ", " + outcome.rawValue
    }

    /// Shows no more than the description does.
    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension APIFailure {
    /// What a person can do about the failure, or `nil` when waiting is all.
    package var advice: String? {
        switch kind {
        case .credentialRejected where concernsBearer:
            "an endpoint of Mosaic refuses an access token that Mosaic has just issued: check the roles of the client and "
                + "what the endpoint is set up to take; other calls go on, and the client's own credential is good"
        case .credentialRejected:
            "Mosaic refuses this client: compare ClientID=, Authentication= and the client secret, key or certificate "
                + "with the client's settings at Mosaic, then refresh the token by hand"
        case .forbidden:
            "Mosaic denies this client a permission: check the roles assigned to the client"
        case .notConfigured:
            "the login method, redirect URI or resource is not set up for this client's application at Mosaic"
        case .protocolViolation:
            "the answer is not one of Mosaic's: check Region=, BaseURL= and TokenURL="
        case .unavailable:
            adviceOnTransport
        case .rateLimited, .invalidToken, .invalidInput, .passwordRejected, .conflict, .notFound, .deadlineExceeded,
            .cancelled, .shuttingDown:
            nil
        }
    }

    private var adviceOnTransport: String? {
        switch transport {
        case .tls: "the server's certificate is not trusted: check CAFile=, BaseURL= and TokenURL="
        case .proxy: "the proxy refuses the connection: check Proxy="
        case .connect, .connectTimeout: "the server cannot be reached: check BaseURL=, TokenURL=, DNS and firewall"
        default: nil
        }
    }
}
