public import StrictJSON

/// `reset.send_email_otp`: have a one-time code mailed with which a user can choose a new password (Mosaic E8).
public enum ResetSendEmailOTP: AgentMethod {
    /// Whose password, and with what text.
    public struct Parameters: WireObject {
        /// The user's primary e-mail address.
        public var email: Identifier
        /// What has to do with a second factor.
        public var options: ResetOptions
        /// The texts of the mail.
        public var emailContent: EmailContent?

        /// The parameters; only the address is needed.
        public init(email: Identifier, options: ResetOptions = ResetOptions(), emailContent: EmailContent? = nil) {
            self.email = email
            self.options = options
            self.emailContent = emailContent
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.oneOf([.email]).fields() + ResetOptions.fields + [.emailContent]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            email = try object.identifier("email")
            options = try ResetOptions(reading: object)
            emailContent = try object.optionalObject("email_content")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("email", email)
            options.encodeMembers(to: &writer)
            writer.member("email_content", emailContent)
        }
    }

    /// That the send was taken on.
    public typealias Result = SendResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.send_email_otp",
        summary: "Has a one-time code mailed to a user with which a new password can be chosen.",
        doc: """
            The address must be the user's primary one and verified. `reset.verify_email_otp` takes the code. `accepted` \
            says nothing about the user: an unknown one, one whose address is not verified, and one whose \
            `prev_reset_token` is no good get the same answer. \
            Nothing is ever sent twice of the agent's own accord.
            """,
        requirement: .right(.reset),
        target: .oneOf([.email]),
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .resetSend
    )
}
