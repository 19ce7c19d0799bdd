public import StrictJSON

/// Parameters of methods that set a password.
extension Field {
    /// `password`, the new one: read with `secret`.
    static let newPassword = Field.required(
        "password",
        .text(1...ProtocolLimits.maximumPasswordBytes),
        isSensitive: true,
        doc: "The new password."
    )

    /// `force_replace`: read with `boolean`. Required, because Mosaic's default would make the password temporary.
    static let forceReplace = Field.required(
        "force_replace",
        .boolean,
        doc:
            "Whether the password is temporary and must be replaced at the next login; false for one that the user chose."
    )

    /// `username` of a first password: read with `optionalIdentifier`.
    static let usernameToSet = Field(
        "username",
        .text(1...ProtocolLimits.maximumIdentifierBytes),
        identifies: .username,
        doc: "The login name to set; without it a verified e-mail address becomes one."
    )
}

/// The result of methods that set a password.
public struct PasswordSetResult: WireObject, MethodResult, Hashable {
    /// Mosaic's message, for people.
    public var message: String?

    /// The password is set.
    public init(message: String? = nil) { self.message = message }

    /// The schema of the members.
    public static let fields: [Field] = [Field("message", .anyText, doc: "What Mosaic says about it, for people.")]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        message = try object.optionalText("message")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("message", message)
    }
}

extension [ErrorKind] {
    /// What can happen to a call that sets the password of a user it names.
    static let settingPassword: [ErrorKind] = [
        .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
        .passwordRejected, .conflict, .notFound, .notConfigured,
    ]
}
