public import Secrets
public import StrictJSON

/// The parameters that have to do with a second factor, of the methods that begin a password reset.
public struct ResetOptions: WireObject, Hashable {
    /// The reset token of the first factor, where a second one is required.
    public var previousResetToken: Secret?
    /// Whether no second factor is asked for although the application wants one.
    public var ignoreMFA: Bool?

    /// Options, none of them needed.
    public init(previousResetToken: Secret? = nil, ignoreMFA: Bool? = nil) {
        self.previousResetToken = previousResetToken
        self.ignoreMFA = ignoreMFA
    }

    /// The schema of the parameters.
    public static let fields: [Field] = [
        .previousResetToken,
        Field(
            "ignore_mfa",
            .boolean,
            right: FieldRight(.resetIgnoreMFA, whenValueIs: "true"),
            doc: "Whether one factor is enough although the application asks for two. Default false."
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        previousResetToken = try object.optionalSecret("prev_reset_token")
        ignoreMFA = try object.optionalBoolean("ignore_mfa")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("prev_reset_token", previousResetToken)
        writer.member("ignore_mfa", ignoreMFA)
    }
}

/// Parameters that the methods of password resets share.
extension Field {
    /// `prev_reset_token`: read with `optionalSecret`.
    static let previousResetToken = Field(
        "prev_reset_token",
        .text(1...ProtocolLimits.maximumTokenBytes),
        isSensitive: true,
        doc: "The `reset_token` of the first factor, if its `mfa_required` was true; this is then the second one."
    )

    /// `redirect_uri` of a reset link: read with `text`.
    static let resetRedirectURI = required(
        "redirect_uri",
        .text(1...2048),
        doc: "Where the link leads in the end, with the reset token as `code`. It must be registered at Mosaic."
    )

    /// `passcode` of a reset: read with `secret`.
    static let resetPasscode = required(
        "passcode",
        .text(1...256),
        isSensitive: true,
        doc: "The code as the user typed it. A string, because codes may begin with zeros."
    )
}

extension [ErrorKind] {
    /// What the methods that have something sent for a password reset can end in.
    static let resetSend: [ErrorKind] = .upstream + [.notConfigured]
    /// What the methods that check a factor of a password reset can end in.
    static let resetFactor: [ErrorKind] = .upstream + [.notConfigured, .invalidToken]
}
