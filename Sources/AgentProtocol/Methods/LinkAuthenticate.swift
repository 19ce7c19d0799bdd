public import Secrets
public import StrictJSON

/// `link.authenticate`: log a user in with the code of a magic link (Mosaic E19).
public enum LinkAuthenticate: AgentMethod {
    /// The code of the link to log in with.
    public struct Parameters: WireObject {
        /// The code from the link's redirect.
        public var code: Secret
        /// The optional parameters.
        public var options: AuthenticationOptions

        /// The parameters of a login with a link.
        public init(code: Secret, options: AuthenticationOptions = AuthenticationOptions()) {
            self.code = code
            self.options = options
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "code",
                    .text(1...4096),
                    isSensitive: true,
                    doc: "The code that the application's page received in the parameter `code`."
                )
            ] + AuthenticationOptions.fields

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            code = try object.secret("code")
            options = try AuthenticationOptions(reading: object)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("code", code)
            options.encodeMembers(to: &writer)
        }
    }

    /// What was decided.
    public typealias Result = AuthenticationResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "link.authenticate",
        summary: "Checks the code of a magic link and, if it is right, returns tokens and a session.",
        doc: """
            A link works once. A wrong, expired or used code is `denied`. The code alone names the user, so access rules \
            that limit the users (`Users=`) do not allow this method. Success also verifies the user's mail address.
            """,
        requirement: .right(.login),
        retryClass: .effect,
        isUniform: true,
        errors: AuthenticationResult.errors
    )
}
