public import StrictJSON

/// `user.authenticators`: the ways in which a user can log in (Mosaic E39).
public enum UserAuthenticators: AgentMethod {
    /// Which user.
    public struct Parameters: WireObject, Hashable {
        /// Mosaic's id of the user.
        public var userID: Identifier

        /// The authenticators of a user.
        public init(userID: Identifier) { self.userID = userID }

        /// The schema of the parameters.
        public static let fields: [Field] = TargetRule.userID.fields()

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
        }
    }

    /// The ways to log in, each as Mosaic describes it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The objects.
        public var authenticators: [JSONText]
        /// What the answer leaves out of the list.
        public var omitted: [String]

        /// Ways to log in, each of which must be an object.
        public init(authenticators: [JSONText], omitted: [String] = []) {
            self.authenticators = authenticators
            self.omitted = omitted
        }

        /// A way to log in as Mosaic wrote it, without the members that have not the documented type.
        ///
        /// - Parameter omitted: Receives their names.
        package static func authenticator(_ json: JSONText, omitted: inout [String]) -> JSONText {
            json.leavingOutMistyped(authenticator, always: ["status", "registered_at"], omitted: &omitted)
        }

        private static let authenticator: [Field] = [
            .required("id", .anyText, doc: "Mosaic's id of the authenticator."),
            .required("type", .anyText, doc: "Such as `password`, `email_otp`, `sms_otp`, `direct_otp`, `totp`."),
            Field(
                "status",
                .anyText,
                doc:
                    "`Active`, `Registered`, `Locked`, `Deactivated` or `Deleted`; passwords and codes can be `Locked`."
            ),
            Field("registered_at", .anyText, doc: "Since when, a date-time."),
            Field("last_successful_authentication", .anyText, doc: "When it was last used, a date-time."),
            Field("last_failed_authentication", .anyText, doc: "When it was last refused, a date-time."),
            Field("extra_data", .anyObject, doc: "What belongs to the type."),
        ]

        /// The schema of the members.
        public static let fields: [Field] = [
            .required(
                "authenticators",
                .array(of: .object(name: "UserAuthenticator", fields: authenticator), maximumCount: .max),
                doc: "The ways to log in, as Mosaic describes them."
            ), .omittedElements(of: "authenticators"),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            authenticators = try object.readers("authenticators").map { $0.value.rawText }
            omitted = try object.optionalTexts("omitted") ?? []
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.key("authenticators")
            writer.beginArray()
            for authenticator in authenticators { writer.raw(authenticator) }
            writer.endArray()
            writer.omitted(omitted)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.authenticators",
        summary: "Lists the ways in which a user can log in.",
        doc: "With the status of each: here it shows when a password or a code method is locked.",
        requirement: .right(.users),
        target: .userID,
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound,
        ]
    )
}
