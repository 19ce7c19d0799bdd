/// What went wrong, by the stable name that programs key on. Unknown names are kept.
public struct ErrorKind: OpenName {
    /// The name on the wire, the member `data.kind` of an error.
    public let name: String

    /// The kind of that name.
    public init(_ name: String) { self.name = name }

    /// The line is not acceptable JSON.
    public static let parseError = ErrorKind("parse_error")
    /// The line is JSON but not a request.
    public static let invalidRequest = ErrorKind("invalid_request")
    /// No such method on this socket.
    public static let methodNotFound = ErrorKind("method_not_found")
    /// An unknown, missing, mistyped or too long parameter.
    public static let invalidParams = ErrorKind("invalid_params")
    /// A bug in the agent.
    public static let `internal` = ErrorKind("internal")
    /// Ended by `$/cancel`.
    public static let cancelled = ErrorKind("cancelled")
    /// The local policy does not allow it.
    public static let forbidden = ErrorKind("forbidden")
    /// The budget of attempts or sends is used up.
    public static let throttled = ErrorKind("throttled")
    /// Too many connections or calls, or the audit queue is full.
    public static let overloaded = ErrorKind("overloaded")
    /// The call's deadline has passed.
    public static let deadlineExceeded = ErrorKind("deadline_exceeded")
    /// The agent is stopping.
    public static let shuttingDown = ErrorKind("shutting_down")
    /// Mosaic cannot be reached or is failing.
    public static let upstreamUnavailable = ErrorKind("upstream_unavailable")
    /// Mosaic asks to slow down.
    public static let upstreamRateLimited = ErrorKind("upstream_rate_limited")
    /// Mosaic refuses the agent's own client credential.
    public static let credentialRejected = ErrorKind("credential_rejected")
    /// Mosaic's answer breaks its contract.
    public static let upstreamProtocol = ErrorKind("upstream_protocol")
    /// The agent's client lacks a permission at Mosaic.
    public static let upstreamForbidden = ErrorKind("upstream_forbidden")
    /// The new password is not acceptable.
    public static let passwordRejected = ErrorKind("password_rejected")
    /// It exists already.
    public static let conflict = ErrorKind("conflict")
    /// A look-up found nothing.
    public static let notFound = ErrorKind("not_found")
    /// The login method, redirect URI or resource is not set up at Mosaic.
    public static let notConfigured = ErrorKind("not_configured")
    /// A refresh, reset, code or user token, or a session, is not valid any more.
    public static let invalidToken = ErrorKind("invalid_token")
    /// The result is larger than an answer may be.
    public static let resultTooLarge = ErrorKind("result_too_large")
}

extension ErrorKind {
    /// When sending the call again carries no risk of a double effect.
    package enum RetryRule: Sendable {
        case never
        case always
        /// Once `retry_after_ms` has passed.
        case afterWait
        /// If provably nothing was sent, or Mosaic did nothing.
        case ifWithoutEffect
        /// If provably nothing was sent, Mosaic did nothing, or a second call does no harm.
        case ifWithoutEffectOrRead
        /// If a second call does no harm: it only reads, or changes nothing more.
        case ifRead
    }

    /// One row of the table of errors.
    package struct Entry: Sendable {
        package let kind: ErrorKind
        package let code: Int
        package let retryRule: RetryRule
        package let summary: String

        init(_ kind: ErrorKind, _ code: Int, _ retryRule: RetryRule, _ summary: String) {
            self.kind = kind
            self.code = code
            self.retryRule = retryRule
            self.summary = summary
        }
    }

    /// All kinds of this version with their codes.
    package static let table: [Entry] = [
        Entry(.parseError, -32700, .never, "The line is not acceptable JSON, or the stream ended inside a line."),
        Entry(.invalidRequest, -32600, .never, "The line is JSON but not a request of this protocol."),
        Entry(.methodNotFound, -32601, .never, "This socket has no such method."),
        Entry(.invalidParams, -32602, .never, "A parameter is unknown, missing, mistyped or too long: `data.param`."),
        Entry(.internal, -32603, .ifWithoutEffect, "A bug in the agent; `data.call_id` finds it in the journal."),
        Entry(.cancelled, -32800, .ifWithoutEffect, "Ended by `$/cancel`."),
        Entry(.forbidden, 1001, .never, "The local policy does not allow this method, client, field or target."),
        Entry(.throttled, 1002, .afterWait, "The budget of attempts or sends is used up."),
        Entry(.overloaded, 1003, .always, "Too many connections or calls, or the audit queue is full."),
        Entry(.deadlineExceeded, 1004, .ifWithoutEffect, "The call's deadline has passed."),
        Entry(.shuttingDown, 1005, .always, "The agent is stopping."),
        Entry(
            .upstreamUnavailable,
            1101,
            .ifWithoutEffectOrRead,
            "Mosaic cannot be reached, does not answer in time or fails."
        ),
        Entry(.upstreamRateLimited, 1102, .afterWait, "Mosaic asks to slow down."),
        Entry(
            .credentialRejected,
            1103,
            .never,
            "Mosaic refuses the agent's own client credential, or for this call alone the access token issued for it."
        ),
        Entry(.upstreamProtocol, 1104, .ifRead, "Mosaic's answer breaks its contract."),
        Entry(.upstreamForbidden, 1105, .never, "The agent's client lacks a permission at Mosaic."),
        Entry(.passwordRejected, 1201, .never, "The new password is not acceptable: `data.violations`."),
        Entry(.conflict, 1202, .never, "It is configured already, or the identifier is taken."),
        Entry(.notFound, 1203, .never, "The look-up found nothing."),
        Entry(.notConfigured, 1204, .never, "The login method, redirect URI or resource is not set up at Mosaic."),
        Entry(.invalidToken, 1205, .never, "A token or code was refused, or the session is unknown."),
        Entry(.resultTooLarge, 1206, .never, "The result is larger than an answer line may be."),
    ]

    private static let byName: [String: Entry] = Dictionary(uniqueKeysWithValues: table.map { ($0.kind.name, $0) })

    /// The row of this kind, or nil for one that this version does not know.
    package var entry: Entry? { Self.byName[name] }

    /// The error code, or nil for a kind that this version does not know.
    public var code: Int? { entry?.code }

    /// The kind that has `code`, or nil for a code that this version does not know.
    public init?(code: Int) {
        guard let entry = Self.table.first(where: { $0.code == code }) else { return nil }
        self = entry.kind
    }

    /// Whether a call that failed in this way may be sent again without risk of a double effect.
    public func isRetryable(outcome: Outcome?, retryClass: RetryClass) -> Bool {
        switch entry?.retryRule {
        case .always, .afterWait: true
        case .ifWithoutEffect: outcome?.excludesEffect == true
        case .ifWithoutEffectOrRead: outcome?.excludesEffect == true || retryClass.isRepeatable
        case .ifRead: retryClass.isRepeatable
        case .never, nil: false
        }
    }
}
