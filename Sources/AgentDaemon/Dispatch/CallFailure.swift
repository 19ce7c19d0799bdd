package import AgentProtocol
package import MosaicAPI

/// Why a call is answered with an error: what the caller learns, and what only the audit record does.
package struct CallFailure: Error, Sendable, Hashable {
    /// The stable name that callers key on; code and `retryable` follow from it.
    package var kind: ErrorKind
    /// A sentence for people, without any value from the call.
    package var message: String
    /// Whether anything can have happened upstream; nil where the question does not arise.
    package var outcome: Outcome?
    /// How long to wait before trying again.
    package var retryAfter: Duration?
    /// The parameter at fault.
    package var parameter: String?
    /// What Mosaic answered. Told only to callers whose rule says `Details=yes`.
    package var upstream: ProtocolError.Upstream?
    /// What is wrong with a new password.
    package var violations: [ProtocolError.Violation]
    /// One word for the audit record that says more than the kind.
    package var reason: String?

    /// A failure of a kind.
    package init(
        _ kind: ErrorKind,
        _ message: String,
        outcome: Outcome? = nil,
        retryAfter: Duration? = nil,
        parameter: String? = nil,
        upstream: ProtocolError.Upstream? = nil,
        violations: [ProtocolError.Violation] = [],
        reason: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.outcome = outcome
        self.retryAfter = retryAfter
        self.parameter = parameter
        self.upstream = upstream
        self.violations = violations
        self.reason = reason
    }

    /// The failure that the decoding of parameters reports.
    package init(_ error: ProtocolError) {
        self.init(error.kind, error.message, outcome: error.outcome, parameter: error.parameter)
    }
}

extension CallFailure: CustomStringConvertible {
    /// Kind, message and reason on one line; no secrets, because none of the parts has any.
    package var description: String {
        "\(kind): \(message)" + (reason.map { " (\($0))" } ?? "")
    }
}

extension CallFailure {
    /// The failure that a call to Mosaic ended in, as the caller of the socket sees it.
    ///
    /// The one table between the two vocabularies. Messages are fixed texts, with the name of the member that broke the
    /// contract: what Mosaic wrote stays in the agent, but for what it says about a new password, which the user has to read.
    ///
    /// | Mosaic API | socket | outcome |
    /// |---|---|---|
    /// | `unavailable` | 1101 `upstream_unavailable` | as the transport knows it, else `unknown`; `refused` of a call whose bearer token was refused and not replaced |
    /// | `rateLimited` | 1102 `upstream_rate_limited`, `retry_after_ms` | `refused`; `not_sent` while the agent waits |
    /// | `credentialRejected`, also of a token that one endpoint refuses | 1103 `credential_rejected` | `refused` of the call; `not_sent` without a token |
    /// | `protocolViolation` | 1104 `upstream_protocol` | `unknown` |
    /// | `forbidden` | 1105 `upstream_forbidden` | `refused` |
    /// | `invalidToken` | 1205 `invalid_token` | `refused` |
    /// | `notConfigured` | 1204 `not_configured` | `refused` |
    /// | `invalidInput` | -32602 `invalid_params` | `refused` |
    /// | `passwordRejected` | 1201 `password_rejected`, `violations` | `refused` |
    /// | `conflict` | 1202 `conflict` | `refused` |
    /// | `notFound` | 1203 `not_found` | `refused` |
    /// | `deadlineExceeded` | 1004 `deadline_exceeded` | as the transport knows it |
    /// | `cancelled` | -32800 `cancelled` | as the transport knows it |
    /// | `shuttingDown` | 1005 `shutting_down` | as the transport knows it |
    ///
    /// A request that Mosaic answered counts as `unknown` unless the answer is a clear no (`refused`, see
    /// ``APIFailure/Outcome``): that a server fails does not prove it had no effect.
    package init(_ failure: APIFailure) {
        let (kind, message) = Self.row(failure.kind)
        let isAboutToken = failure.concernsBearer && failure.kind == .credentialRejected
        let reason = failure.code ?? failure.transport?.rawValue ?? failure.cause?.rawValue ?? failure.detail
        self.init(
            kind,
            isAboutToken
                ? "Mosaic refuses, for this call, an access token that it has just issued to the agent"
                : failure.cause.map(Self.message(of:)) ?? failure.detail.map { "\(message): \($0)" } ?? message,
            outcome: Self.outcome(failure.outcome),
            retryAfter: failure.retryAfter,
            upstream: failure.status.map { ProtocolError.Upstream(status: $0, code: failure.code) },
            violations: failure.violations.map { ProtocolError.Violation(code: $0.code, message: $0.message) },
            reason: reason
        )
    }

    private static func outcome(_ outcome: APIFailure.Outcome) -> Outcome {
        switch outcome {
        case .notSent: .notSent
        case .refused: .refused
        case .answered, .unknown: .unknown
        }
    }

    private static func message(of cause: APIFailure.Cause) -> String {
        switch cause {
        case .loginMethod: "the login method is not set up at Mosaic for the application"
        case .redirectURI: "redirect_uri is not registered at Mosaic for the application"
        case .messageProvider: "the application's provider of mails or text messages is set up wrongly at Mosaic"
        case .application: "Mosaic does not know the application or client that the agent uses"
        case .grant: "the agent's client may not use this grant or kind of token at Mosaic"
        case .resource: "the resource is not set up at Mosaic for the agent's client"
        case .clientSecret: "this needs a client that authenticates with a secret; the configured one does not"
        case .usernameTaken: "another user of the application has this user name"
        case .identifierTaken: "another user of the application has this e-mail address, phone number or id"
        case .passwordInactive: "the user's password is switched off at Mosaic"
        case .loginNameMissing: "the user has no user name and no verified address to use a password with"
        }
    }

    private static func row(_ kind: APIFailure.Kind) -> (ErrorKind, String) {
        switch kind {
        case .unavailable:
            (.upstreamUnavailable, "Mosaic cannot be reached, does not answer in time or fails")
        case .rateLimited:
            (.upstreamRateLimited, "Mosaic asks to slow down; try again after retry_after_ms")
        case .credentialRejected:
            (.credentialRejected, "Mosaic refuses the agent's own client credential; the administrator has to act")
        case .protocolViolation:
            (.upstreamProtocol, "Mosaic's answer breaks its contract")
        case .forbidden:
            (.upstreamForbidden, "the agent's client lacks a permission at Mosaic")
        case .invalidToken:
            (.invalidToken, "the session, code or token is not known to Mosaic or no longer good")
        case .notConfigured:
            (.notConfigured, "the login method, redirect URI or resource is not set up at Mosaic for the application")
        case .invalidInput:
            (.invalidParams, "Mosaic does not accept the value of a parameter")
        case .passwordRejected:
            (.passwordRejected, "the new password is not acceptable; violations says why")
        case .conflict:
            (.conflict, "it exists already, or its state does not allow this")
        case .notFound:
            (.notFound, "Mosaic knows nothing of that name in this application")
        case .deadlineExceeded:
            (.deadlineExceeded, "the deadline of the call has passed")
        case .cancelled:
            (.cancelled, "the call was cancelled")
        case .shuttingDown:
            (.shuttingDown, "the agent is stopping")
        }
    }
}

extension CallFailure {
    /// The failure of a call that the access policy refuses.
    ///
    /// A missing right is named: which right a method or parameter needs is public. All other refusals look alike to the
    /// caller, however far a rule came, so that they tell nothing about the rules' clients and users; the reason is for the
    /// audit record. A missing choice of client is for the caller to make, and says so.
    init(_ refusal: DenyCause, of method: MethodDescriptor, for request: Request) {
        switch refusal {
        case .clientRequired(_, let clients):
            self.init(
                .invalidParams,
                "name a client in meta.client, one of: \(clients.joined(separator: ", "))",
                parameter: "meta.client",
                reason: refusal.code
            )
        case .caller, .unit, .uncheckable, .method:
            self.init(.forbidden, Self.message(lacking: method.right, neededBy: method.name), reason: refusal.code)
        case .field(let right):
            let use = method.useNeeding(right, in: request) ?? method.name
            self.init(.forbidden, Self.message(lacking: right, neededBy: use), reason: refusal.code)
        case .targetless, .client, .target:
            self.init(.forbidden, "the local policy does not allow this call", reason: refusal.code)
        }
    }

    private static func message(lacking right: Right?, neededBy use: String) -> String {
        guard let right else { return "the local policy does not allow this call" }
        return "the local policy does not give this caller the right \(right), which \(use) needs"
    }
}

extension MethodDescriptor {
    /// The right that opens the method.
    fileprivate var right: Right? {
        guard case .right(let right) = requirement else { return nil }
        return right
    }
}

extension CallFailure {
    /// The failure of a call that was ended before its answer was known.
    ///
    /// - Parameter progress: how far its own upstream request had come: once it has begun, its effect is unknown.
    package init(_ ending: CallLifecycle.EndReason, progress: CallLifecycle.Progress) {
        let outcome: Outcome = progress == .notBegun ? .notSent : .unknown
        switch ending {
        case .cancelled:
            self.init(.cancelled, "the call was cancelled", outcome: outcome)
        case .deadline:
            self.init(.deadlineExceeded, "the deadline of the call has passed", outcome: outcome)
        case .peerGone:
            self.init(.cancelled, "the caller has gone", outcome: outcome, reason: "peer_gone")
        case .shuttingDown:
            self.init(.shuttingDown, "the agent is stopping", outcome: outcome)
        }
    }
}
