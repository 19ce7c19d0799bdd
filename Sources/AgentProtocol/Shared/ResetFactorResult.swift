public import Secrets
public import StrictJSON

/// What was decided about a factor of a password reset.
public enum ResetFactorResult: MethodResult, VerdictBearing {
    /// It is right; here is what allows to go on.
    case granted(Granted)
    /// Not so; the reason is told only to callers whose rule says `Details=yes`.
    case denied(reason: String?)

    /// The right to set a new password once, or to prove a second factor.
    public struct Granted: WireObject, Hashable {
        /// The token, for `reset.complete` or as `prev_reset_token`.
        public var resetToken: Secret
        /// Whether a second factor must be proved first; nil when the token does not tell.
        public var mfaRequired: Bool?

        /// A token and what it is good for.
        public init(resetToken: Secret, mfaRequired: Bool?) {
            self.resetToken = resetToken
            self.mfaRequired = mfaRequired
        }

        /// The schema of the members beside `verdict`.
        public static let fields: [Field] = [
            .required(
                "reset_token",
                .anyText,
                isSensitive: true,
                doc: "Allows to set the user's password with `reset.complete`, once and for some minutes."
            ),
            Field(
                "mfa_required",
                .boolean,
                doc: "Whether a second factor must be proved first, by another method and with this token as "
                    + "`prev_reset_token`. Read from the token; missing when it cannot be read."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            resetToken = try object.secret("reset_token")
            mfaRequired = try object.optionalBoolean("mfa_required")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("reset_token", resetToken)
            writer.member("mfa_required", mfaRequired)
        }
    }

    /// What was decided, by name.
    public var verdict: Verdict {
        switch self {
        case .granted: .granted
        case .denied: .denied
        }
    }

    /// The schema per verdict.
    public static let schema = Schema.verdicts([
        VerdictSchema(.granted, Granted.fields, doc: "The user has proved this factor."),
        .denied(doc: "Wrong, expired or used, or of an unknown or locked user."),
    ])

    /// Takes the values of the members that the verdict has.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        switch Verdict(try object.text("verdict")) {
        case .granted: self = .granted(try Granted(reading: object))
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
