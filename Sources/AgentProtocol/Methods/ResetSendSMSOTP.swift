public import StrictJSON

/// `reset.send_sms_otp`: have a one-time code texted with which a user can choose a new password (Mosaic E10).
public enum ResetSendSMSOTP: AgentMethod {
    /// Whose password.
    public struct Parameters: WireObject {
        /// The user's primary phone number.
        public var phoneNumber: Identifier
        /// What has to do with a second factor.
        public var options: ResetOptions

        /// The parameters; only the number is needed.
        public init(phoneNumber: Identifier, options: ResetOptions = ResetOptions()) {
            self.phoneNumber = phoneNumber
            self.options = options
        }

        /// The schema of the parameters.
        public static let fields: [Field] = TargetRule.oneOf([.phoneNumber]).fields() + ResetOptions.fields

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            phoneNumber = try object.identifier("phone_number")
            options = try ResetOptions(reading: object)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("phone_number", phoneNumber)
            options.encodeMembers(to: &writer)
        }
    }

    /// That the send was taken on.
    public typealias Result = SendResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.send_sms_otp",
        summary: "Has a one-time code texted to a user with which a new password can be chosen.",
        doc: """
            The number must be the user's primary one and verified. `reset.verify_sms_otp` takes the code. `accepted` \
            says nothing about the user: an unknown one, one whose number is not verified, and one whose \
            `prev_reset_token` is no good get the same answer. \
            Nothing is ever sent twice of the agent's own accord.
            """,
        requirement: .right(.reset),
        target: .oneOf([.phoneNumber]),
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .resetSend
    )
}
