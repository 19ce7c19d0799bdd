public import Secrets
public import StrictJSON

/// `reset.verify_password`: whether the user knows the current password, in exchange for a reset token (Mosaic E12).
public enum ResetVerifyPassword: AgentMethod {
    static let target = TargetRule.oneOf([.username, .email, .phoneNumber])

    /// Who wants another password, and the current one.
    public struct Parameters: WireObject {
        /// The user, by user name, e-mail address or phone number.
        public var user: Target
        /// The current password as the user typed it.
        public var password: Secret
        /// The reset token of the first factor, where a second one is required.
        public var previousResetToken: Secret?

        /// The parameters; user and password are needed.
        public init(user: Target, password: Secret, previousResetToken: Secret? = nil) {
            self.user = user
            self.password = password
            self.previousResetToken = previousResetToken
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "password",
                    .text(1...ProtocolLimits.maximumPasswordBytes),
                    isSensitive: true,
                    doc: "The current password as the user typed it."
                )
            ] + target.fields() + [.previousResetToken]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(ResetVerifyPassword.target)
            password = try object.secret("password")
            previousResetToken = try object.optionalSecret("prev_reset_token")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, ResetVerifyPassword.target)
            writer.member("password", password)
            writer.member("prev_reset_token", previousResetToken)
        }
    }

    /// What was decided.
    public typealias Result = ResetFactorResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.verify_password",
        summary: "Checks a user's current password and, if it is right, returns a reset token to choose another with.",
        doc: """
            This changes a password that the user still knows; it logs no one in. A wrong password, an unknown, inactive \
            or locked user are all `denied` and take equally long, and every `denied` counts as an attempt at Mosaic. The \
            password is changed on the application of the agent's own client.
            """,
        requirement: .right(.reset),
        target: target,
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: .resetFactor
    )
}
