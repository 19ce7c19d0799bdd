public import Secrets
public import StrictJSON

/// `password.check`: whether a password may be chosen (Mosaic E14).
public enum PasswordCheck: AgentMethod {
    /// Which password, and whose.
    public struct Parameters: WireObject {
        /// The candidate.
        public var password: Secret
        /// The user whose history is looked at as well.
        public var user: Target?

        /// A question about a candidate.
        public init(password: Secret, user: Target? = nil) {
            self.password = password
            self.user = user
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "password",
                    .text(1...ProtocolLimits.maximumPasswordBytes),
                    isSensitive: true,
                    doc: "The password that a user wants to choose."
                )
            ] + rule.fields(right: FieldRight(.reset))

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            password = try object.secret("password")
            user = try object.optionalTarget(rule)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("password", password)
            writer.target(user, rule)
        }
    }

    /// What Mosaic says of it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether it may be chosen.
        public var validPassword: Bool
        /// Why not.
        public var errors: [Problem]

        /// One thing that is wrong with a password.
        public struct Problem: WireObject, Hashable {
            /// Mosaic's code, which is not documented.
            public var code: String?
            /// Mosaic's words.
            public var message: String

            /// A problem.
            public init(code: String? = nil, message: String) {
                self.code = code
                self.message = message
            }

            /// The schema of the members.
            public static let fields: [Field] = [
                .required("message", .anyText, doc: "What is wrong, in Mosaic's words."),
                Field("code", .anyText, doc: "Mosaic's code. Its values are not documented: show `message`."),
            ]

            /// Takes the values of the members.
            public init(reading object: ObjectReader) throws(SchemaViolation) {
                message = try object.text("message")
                code = try object.optionalText("code")
            }

            /// Writes the members.
            public func encodeMembers(to writer: inout JSONWriter) {
                writer.member("message", message)
                writer.member("code", code)
            }
        }

        /// An answer.
        public init(validPassword: Bool, errors: [Problem] = []) {
            self.validPassword = validPassword
            self.errors = errors
        }

        /// The schema of the members.
        public static let fields: [Field] = [
            .required("valid_password", .boolean, doc: "Whether the password may be chosen."),
            .required(
                "errors",
                .array(of: .object(Problem.self), maximumCount: .max),
                doc: "Why not; empty for one that may be chosen."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            validPassword = try object.boolean("valid_password")
            errors = try object.objects("errors")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("valid_password", validPassword)
            writer.member("errors", errors)
        }
    }

    static let rule = TargetRule.oneOf([.username, .email, .phoneNumber], isRequired: false)

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.check",
        summary: "Says whether a password may be chosen.",
        doc: """
            A password that may not is a result and not an error. It is checked against the application's policy and, if a \
            user is named, against that user's old passwords; because this can be used to find them out, it needs the \
            right `reset` too, and every answer about a user counts as a failed attempt, whatever it says.
            """,
        requirement: .right(.passwordCheck),
        target: rule,
        budget: .attempts,
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound, .notConfigured,
        ]
    )
}
