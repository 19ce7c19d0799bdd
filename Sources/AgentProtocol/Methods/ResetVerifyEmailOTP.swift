public import Secrets
public import StrictJSON

/// `reset.verify_email_otp`: whether a mailed code is right, in exchange for a reset token (Mosaic E9).
public enum ResetVerifyEmailOTP: AgentMethod {
    /// Whose code, and the code.
    public struct Parameters: WireObject {
        /// The address as the code was sent to.
        public var email: Identifier
        /// The code as the user typed it, with its leading zeros.
        public var passcode: Secret

        /// The parameters; both are needed.
        public init(email: Identifier, passcode: Secret) {
            self.email = email
            self.passcode = passcode
        }

        /// The schema of the parameters.
        public static let fields: [Field] = TargetRule.oneOf([.email]).fields() + [.resetPasscode]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            email = try object.identifier("email")
            passcode = try object.secret("passcode")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("email", email)
            writer.member("passcode", passcode)
        }
    }

    /// What was decided.
    public typealias Result = ResetFactorResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.verify_email_otp",
        summary: "Checks a mailed reset code and, if it is right, returns a reset token.",
        doc: """
            The address must be that of `reset.send_email_otp`. A wrong, expired or used code, an unknown and a locked \
            user are all `denied` and take equally long. Every `denied` counts as an attempt at Mosaic, which gives up a \
            code after a few.
            """,
        requirement: .right(.reset),
        target: .oneOf([.email]),
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: .resetFactor
    )
}
