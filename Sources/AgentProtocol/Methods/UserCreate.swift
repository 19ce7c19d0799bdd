public import Secrets
public import StrictJSON

/// `user.create`: a new user of the application (Mosaic E27).
public enum UserCreate: AgentMethod {
    /// A first password.
    public struct Credentials: WireObject {
        /// The password.
        public var password: Secret
        /// Whether it is temporary and must be replaced at the first login.
        public var forceReplace: Bool

        /// A first password.
        public init(password: Secret, forceReplace: Bool) {
            self.password = password
            self.forceReplace = forceReplace
        }

        /// The schema of the members.
        public static let fields: [Field] = [.newPassword, .forceReplace]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            password = try object.secret("password")
            forceReplace = try object.boolean("force_replace")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("password", password)
            writer.member("force_replace", forceReplace)
        }
    }

    /// Who the user is.
    public struct Parameters: WireObject {
        /// Identifiers and profile.
        public var profile: UserProfile
        /// The first password.
        public var credentials: Credentials?

        /// A new user.
        public init(profile: UserProfile, credentials: Credentials? = nil) {
            self.profile = profile
            self.credentials = credentials
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            UserProfile.fields + [Field("credentials", .object(Credentials.self), doc: "The first password.")]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            profile = try UserProfile(reading: object)
            credentials = try object.optionalObject("credentials")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            profile.encodeMembers(to: &writer)
            writer.member("credentials", credentials)
        }
    }

    /// The user, and whether the password is the user's.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The user.
        public var user: UserObject
        /// Whether the password of the call is now the user's.
        public var credentialsSet: Bool
        /// What the answer leaves out of the user.
        public var omitted: [String]

        /// A user.
        public init(user: UserObject, credentialsSet: Bool, omitted: [String] = []) {
            self.user = user
            self.credentialsSet = credentialsSet
            self.omitted = omitted
        }

        /// The schema of the members.
        public static let fields: [Field] =
            UserResult.fields + [
                .required(
                    "credentials_set",
                    .boolean,
                    doc:
                        "Whether the password of the call is now the user's. False without `credentials`, and when Mosaic "
                        + "only attached to the application a user that the tenant knew before."
                )
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.user("user")
            credentialsSet = try object.boolean("credentials_set")
            omitted = try object.optionalTexts("omitted") ?? []
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            UserResult(user: user, omitted: omitted).encodeMembers(to: &writer)
            writer.member("credentials_set", credentialsSet)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.create",
        summary: "Creates a user of the application.",
        doc: """
            At least one of `email`, `phone_number`, `username` and `external_user_id` is needed; a rule with `Users=` must \
            admit all that are given, and the further addresses. A user that the tenant knows from another application is \
            attached to this one with nothing changed: the password of the call is then not set, `credentials_set` is \
            false, and `password.register` sets it where that is wanted. `credentials_set` is worked out from the user \
            that comes back (the password is new, the user is new, and temporary exactly if `force_replace` asks for it) \
            and is false in doubt, for instance when the clock of the host is minutes ahead. An identifier that a user of \
            the application has already is a `conflict`.
            """,
        requirement: .right(.users),
        target: .firstOf([.email, .phoneNumber, .username, .externalUserID]),
        retryClass: .effect,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .passwordRejected, .conflict, .notConfigured,
        ]
    )
}
