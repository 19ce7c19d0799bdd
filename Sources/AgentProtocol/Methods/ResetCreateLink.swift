public import Secrets
public import StrictJSON

/// `reset.create_link`: get the link that `reset.send_email_link` would mail (Mosaic E7).
public enum ResetCreateLink: AgentMethod {
    static let target = TargetRule.oneOf([.email, .username])

    /// Whose password, and where the link leads.
    public struct Parameters: WireObject {
        /// The user, by primary e-mail address or by user name.
        public var user: Target
        /// The registered URI that receives the reset token as `code`.
        public var redirectURI: String
        /// What has to do with a second factor.
        public var options: ResetOptions

        /// The parameters; user and redirect URI are needed.
        public init(user: Target, redirectURI: String, options: ResetOptions = ResetOptions()) {
            self.user = user
            self.redirectURI = redirectURI
            self.options = options
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [.resetRedirectURI] + target.fields() + ResetOptions.fields

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(ResetCreateLink.target)
            redirectURI = try object.text("redirect_uri")
            options = try ResetOptions(reading: object)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, ResetCreateLink.target)
            writer.member("redirect_uri", redirectURI)
            options.encodeMembers(to: &writer)
        }
    }

    /// The link.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The link; its holder can set the user's password.
        public var resetLink: Secret

        /// A link.
        public init(resetLink: Secret) { self.resetLink = resetLink }

        /// The schema of the members.
        public static let fields: [Field] = [
            .required(
                "reset_link",
                .anyText,
                isSensitive: true,
                doc: "The link, for the caller to deliver. Anyone who follows it can set the user's password."
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            resetLink = try object.secret("reset_link")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("reset_link", resetLink)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.create_link",
        summary: "Makes a link with which a user's new password can be chosen, and returns it to the caller.",
        doc: """
            Nothing is sent: the caller has to bring the link to the user, and to no one else. Who may do this can take \
            over any account, so it needs a right of its own; and as such a caller may know who exists, the answer is not \
            uniform: an unknown user, or one who may not reset, is `not_found`. Following the link leads to \
            `redirect_uri` with the reset token as `code`.
            """,
        requirement: .right(.reset),
        furtherRights: [.resetDirect],
        target: target,
        budget: .sends,
        retryClass: .effect,
        errors: .upstream + [.notFound, .notConfigured, .invalidToken]
    )
}
