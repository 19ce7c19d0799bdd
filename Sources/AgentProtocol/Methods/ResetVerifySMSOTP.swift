public import Secrets
public import StrictJSON

/// `reset.verify_sms_otp`: whether a texted code is right, in exchange for a reset token (Mosaic E11).
public enum ResetVerifySMSOTP: AgentMethod {
    /// Whose code, and the code.
    public struct Parameters: WireObject {
        /// The number as the code was sent to.
        public var phoneNumber: Identifier
        /// The code as the user typed it, with its leading zeros.
        public var passcode: Secret

        /// The parameters; both are needed.
        public init(phoneNumber: Identifier, passcode: Secret) {
            self.phoneNumber = phoneNumber
            self.passcode = passcode
        }

        /// The schema of the parameters.
        public static let fields: [Field] = TargetRule.oneOf([.phoneNumber]).fields() + [.resetPasscode]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            phoneNumber = try object.identifier("phone_number")
            passcode = try object.secret("passcode")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("phone_number", phoneNumber)
            writer.member("passcode", passcode)
        }
    }

    /// What was decided.
    public typealias Result = ResetFactorResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.verify_sms_otp",
        summary: "Checks a texted reset code and, if it is right, returns a reset token.",
        doc: """
            The number must be that of `reset.send_sms_otp`. A wrong, expired or used code, an unknown and a locked user \
            are all `denied` and take equally long. Every `denied` counts as an attempt at Mosaic, which gives up a code \
            after a few.
            """,
        requirement: .right(.reset),
        target: .oneOf([.phoneNumber]),
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: .resetFactor
    )
}
