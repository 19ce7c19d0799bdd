public import Secrets
public import StrictJSON

/// Why a password must be replaced before it logs anybody in, and what allows to.
public struct PasswordChange: WireObject, Hashable {
    /// Why.
    public var cause: PasswordChangeCause
    /// Allows to set a new password, if Mosaic gave one.
    public var resetToken: Secret?

    /// A change that is required.
    public init(cause: PasswordChangeCause, resetToken: Secret? = nil) {
        self.cause = cause
        self.resetToken = resetToken
    }

    /// The schema of the members beside `verdict`.
    public static let fields: [Field] = [
        .required("cause", .choice(["expired", "temporary"]), doc: "Why the password must be replaced."),
        Field(
            "reset_token",
            .anyText,
            isSensitive: true,
            doc: "Allows to set a new password, if Mosaic gave one."
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        cause = PasswordChangeCause(try object.text("cause"))
        resetToken = try object.optionalSecret("reset_token")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("cause", cause.name)
        writer.member("reset_token", resetToken)
    }
}
