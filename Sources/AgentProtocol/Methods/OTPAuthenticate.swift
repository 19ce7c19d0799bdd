public import Secrets
public import StrictJSON

/// `otp.authenticate`: log a user in with a one-time code (Mosaic E21).
public enum OTPAuthenticate: AgentMethod {
    /// Who wants to log in, and with what.
    public struct Parameters: WireObject {
        /// The user, as the code was sent.
        public var user: Target
        /// The code as the user typed it, with its leading zeros.
        public var passcode: Secret
        /// The optional parameters.
        public var options: AuthenticationOptions

        /// The parameters of a login with a code.
        public init(user: Target, passcode: Secret, options: AuthenticationOptions = AuthenticationOptions()) {
            self.user = user
            self.passcode = passcode
            self.options = options
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "passcode",
                    .text(1...256),
                    isSensitive: true,
                    doc: "The code as the user typed it. A string, because codes may begin with zeros."
                )
            ] + IdentifiedUser.fields + AuthenticationOptions.fields

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(IdentifiedUser.rule)
            passcode = try object.secret("passcode")
            options = try AuthenticationOptions(reading: object)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("passcode", passcode)
            writer.target(user, IdentifiedUser.rule)
            options.encodeMembers(to: &writer)
        }
    }

    /// What was decided.
    public typealias Result = AuthenticationResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "otp.authenticate",
        summary: "Checks a one-time code and, if it is right, returns tokens and a session.",
        doc: """
            The identifier and its type must be those of the send, and so must the client. A wrong, expired or used code, \
            an unknown and a locked user are all `denied` and take equally long. Every `denied` counts as an attempt at \
            Mosaic, which gives up a code after a few. A code that came by mail or phone also verifies that address.
            """,
        requirement: .right(.login),
        target: IdentifiedUser.rule,
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: AuthenticationResult.errors
    )
}
