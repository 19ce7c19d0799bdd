public import StrictJSON

/// `reset.send_email_link`: have a link mailed with which a user can choose a new password (Mosaic E6).
public enum ResetSendEmailLink: AgentMethod {
    static let target = TargetRule.oneOf([.email, .username])

    /// Whose password, where the link leads, and with what text.
    public struct Parameters: WireObject {
        /// The user, by primary e-mail address or by user name.
        public var user: Target
        /// The registered URI that receives the reset token as `code`.
        public var redirectURI: String
        /// What has to do with a second factor.
        public var options: ResetOptions
        /// The texts of the mail.
        public var emailContent: EmailContent?

        /// The parameters; user and redirect URI are needed.
        public init(
            user: Target,
            redirectURI: String,
            options: ResetOptions = ResetOptions(),
            emailContent: EmailContent? = nil
        ) {
            self.user = user
            self.redirectURI = redirectURI
            self.options = options
            self.emailContent = emailContent
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [.resetRedirectURI] + target.fields() + ResetOptions.fields + [.emailContent]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(ResetSendEmailLink.target)
            redirectURI = try object.text("redirect_uri")
            options = try ResetOptions(reading: object)
            emailContent = try object.optionalObject("email_content")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, ResetSendEmailLink.target)
            writer.member("redirect_uri", redirectURI)
            options.encodeMembers(to: &writer)
            writer.member("email_content", emailContent)
        }
    }

    /// That the send was taken on.
    public typealias Result = SendResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.send_email_link",
        summary: "Has a link mailed to a user with which a new password can be chosen.",
        doc: """
            The mail goes to the user's primary address, which must be verified. The user follows the link, and the \
            application's page at `redirect_uri` receives a `code`: it is the reset token for `reset.complete`. \
            `accepted` says nothing about the user: an unknown one, one without a verified address, and one whose \
            `prev_reset_token` is no good get the same answer. Nothing is ever sent twice of the agent's own accord.
            """,
        requirement: .right(.reset),
        target: target,
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .resetSend
    )
}
