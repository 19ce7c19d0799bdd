public import Secrets
public import StrictJSON

/// What was decided about a factor of a password reset.
public typealias ResetFactorResult = GrantedOrDenied<ResetGrant>

/// The right to set a new password once, or to prove a second factor.
public struct ResetGrant: GrantMembers, Hashable {
    /// The token, for `reset.complete` or as `prev_reset_token`.
    public var resetToken: Secret
    /// Whether a second factor must be proved first; nil when the token does not tell.
    public var mfaRequired: Bool?

    /// A token and what it is good for.
    public init(resetToken: Secret, mfaRequired: Bool?) {
        self.resetToken = resetToken
        self.mfaRequired = mfaRequired
    }

    /// When a factor is right.
    public static let grantedDoc = "The user has proved this factor."
    /// When it is not.
    public static let deniedDoc = "Wrong, expired or used, or of an unknown or locked user."

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
