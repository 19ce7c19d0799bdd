public import StrictJSON

/// What was decided about a code or link with which a user logs in.
public enum AuthenticationResult: MethodResult, VerdictBearing {
    /// It is the user's; here are the tokens.
    case granted(GrantedTokens)
    /// Not so; the reason is told only to callers whose rule says `Details=yes`.
    case denied(reason: String?)

    /// What was decided, by name.
    public var verdict: Verdict {
        switch self {
        case .granted: .granted
        case .denied: .denied
        }
    }

    /// The errors of methods with this result.
    static let errors: [ErrorKind] = [
        .throttled, .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol,
        .upstreamForbidden, .notConfigured, .invalidToken,
    ]

    /// The schema per verdict.
    public static let schema = Schema.verdicts([
        VerdictSchema(.granted, GrantedTokens.fields, doc: "The user is authenticated."),
        .denied(doc: "Wrong, expired or used, or of an unknown, inactive or locked user."),
    ])

    /// Takes the values of the members that the verdict has.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        switch Verdict(try object.text("verdict")) {
        case .granted: self = .granted(try GrantedTokens(reading: object))
        case .denied: self = .denied(reason: try object.optionalText("reason"))
        default: throw SchemaViolation(.choice(["granted", "denied"]), at: "verdict")
        }
    }

    /// Writes the result.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("verdict", verdict.name)
        switch self {
        case .granted(let granted): granted.encodeMembers(to: &writer)
        case .denied(let reason): writer.member("reason", reason)
        }
        writer.endObject()
    }
}
