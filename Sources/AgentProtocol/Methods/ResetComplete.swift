public import Secrets
public import StrictJSON

/// `reset.complete`: set a new password with a reset token (Mosaic E13).
public enum ResetComplete: AgentMethod {
    /// With what right, which password, and whether a login follows.
    public struct Parameters: WireObject {
        /// The right to set the password, which names the user.
        public var resetToken: Secret
        /// The new password as the user typed it.
        public var newPassword: Secret
        /// The registered URI where the user is to be logged in afterwards.
        public var redirectURI: String?
        /// The resource URI for that login.
        public var resource: String?
        /// Whether that login takes a second factor.
        public var requireMFA: Bool?

        /// The parameters; token and password are needed.
        public init(
            resetToken: Secret,
            newPassword: Secret,
            redirectURI: String? = nil,
            resource: String? = nil,
            requireMFA: Bool? = nil
        ) {
            self.resetToken = resetToken
            self.newPassword = newPassword
            self.redirectURI = redirectURI
            self.resource = resource
            self.requireMFA = requireMFA
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "reset_token",
                .text(1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc:
                    "The token of a factor that was `granted`, of `password_change_required`, or the `code` of a reset "
                    + "link."
            ),
            .required(
                "new_password",
                .text(1...ProtocolLimits.maximumPasswordBytes),
                isSensitive: true,
                doc: "The new password as the user typed it."
            ),
            Field(
                "redirect_uri",
                .text(1...2048),
                doc:
                    "Where the user is logged in afterwards; the result then has the `url` for it. It must be registered "
                    + "at Mosaic."
            ),
            .resource,
            Field("require_mfa", .boolean, doc: "Whether that login takes a second factor. Default false."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            resetToken = try object.secret("reset_token")
            newPassword = try object.secret("new_password")
            redirectURI = try object.optionalText("redirect_uri")
            resource = try object.optionalText("resource")
            requireMFA = try object.optionalBoolean("require_mfa")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("reset_token", resetToken)
            writer.member("new_password", newPassword)
            writer.member("redirect_uri", redirectURI)
            writer.member("resource", resource)
            writer.member("require_mfa", requireMFA)
        }
    }

    /// That the password was set.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Mosaic's message for people.
        public var message: String?
        /// Where the login goes on; its holder can go on with it.
        public var url: Secret?
        /// The address to which Mosaic mails that the password was changed.
        public var email: String?

        /// A password that was set.
        public init(message: String? = nil, url: Secret? = nil, email: String? = nil) {
            self.message = message
            self.url = url
            self.email = email
        }

        /// The schema of the members.
        public static let fields: [Field] = [
            Field("message", .anyText, doc: "Mosaic's message for people."),
            Field(
                "url",
                .anyText,
                isSensitive: true,
                doc: "Where the browser goes on to be logged in, if `redirect_uri` was given."
            ),
            Field("email", .anyText, doc: "The address to which Mosaic mails that the password was changed."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            message = try object.optionalText("message")
            url = try object.optionalSecret("url")
            email = try object.optionalText("email")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("message", message)
            writer.member("url", url)
            writer.member("email", email)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.complete",
        summary: "Sets a new password with a reset token.",
        doc: """
            The new password is permanent. One that the application does not accept is `password_rejected`, with Mosaic's \
            reasons in `data.violations`. A token that is unknown, expired or spent, or \
            for which a second factor is still missing, is `invalid_token`. The token names the user, so a rule with \
            `Users=` does not allow this method. Sessions go on; `session.revoke` ends them.
            """,
        requirement: .right(.reset),
        retryClass: .effect,
        errors: .upstream + [.passwordRejected, .notConfigured, .invalidToken]
    )
}
