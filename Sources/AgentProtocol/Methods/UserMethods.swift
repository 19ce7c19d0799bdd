public import Secrets
public import StrictJSON

/// `user.get`: one user, by any identifier (Mosaic E31–E36).
public enum UserGet: AgentMethod {
    /// Which user.
    public struct Parameters: WireObject, Hashable {
        /// The identifier with its kind; a kind that is no parameter of its own goes as `identifier_name`.
        public var user: Target

        /// The user that `identifier` of that kind names.
        public init(_ kind: IdentifierKind, _ identifier: Identifier) {
            user = Target(kind: kind, identifier: identifier)
        }

        /// The schema of the parameters.
        public static let fields: [Field] = rule.fields()

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(rule)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, rule)
        }
    }

    /// The user.
    public typealias Result = UserResult

    static let rule = TargetRule.oneOfOrNamed(
        [.userID, .username, .email, .phoneNumber, .externalUserID],
        name: "identifier_name",
        value: "identifier_value"
    )

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.get",
        summary: "Looks up one user.",
        doc: """
            By exactly one identifier: one of the five parameters of their own, or `identifier_name` with \
            `identifier_value`. Mosaic's names are camelCase there: `email`, `phoneNumber`, `externalUserId`, `username`, \
            `idpIdentifier`, or a name that the tenant has defined. Identifiers are compared byte for byte and may hold \
            anything; the agent encodes them.
            """,
        requirement: .right(.users),
        target: rule,
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound,
        ]
    )
}

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

/// `user.update`: change a user's profile (Mosaic E38).
public enum UserUpdate: AgentMethod {
    /// Which user, and what to change.
    public struct Parameters: WireObject, Hashable {
        /// Mosaic's id of the user.
        public var userID: Identifier
        /// The fields to change.
        public var profile: UserProfile
        /// `Active`, `Disabled` or `Pending`.
        public var status: String?

        /// What a user's status can be.
        public static let statuses = ["Active", "Disabled", "Pending"]

        /// A change.
        public init(userID: Identifier, profile: UserProfile = UserProfile(), status: String? = nil) {
            self.userID = userID
            self.profile = profile
            self.status = status
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.userID.fields() + UserProfile.fields + [
                Field("status", .choice(statuses), doc: "The state of the user; `Disabled` users cannot log in.")
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
            profile = try UserProfile(reading: object)
            status = try object.optionalText("status")
            if profile.isEmpty, status == nil {
                throw SchemaViolation(.noneOf(Self.fields.map(\.name).filter { $0 != "user_id" }))
            }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
            profile.encodeMembers(to: &writer)
            writer.member("status", status)
        }
    }

    /// The user after the change.
    public typealias Result = UserResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.update",
        summary: "Changes the profile of a user.",
        doc: """
            Fields that are not given stay as they are; null is refused here, for it could be meant to delete. Objects and arrays replace the old ones whole; only \
            `custom_data` is merged, at its first level. Who may change the address that codes and links go to can take \
            the account over. An identifier that another user has is a `conflict` as far as Mosaic's words tell it from \
            another value that is refused, else `invalid_params`.
            """,
        requirement: .right(.users),
        target: .userID,
        choice: .atLeastOne(Parameters.fields.map(\.name).filter { $0 != "user_id" }),
        refusesNull: true,
        retryClass: .effect,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .conflict, .notFound,
        ]
    )
}

/// `user.logout`: end the session that a user's access token belongs to (Mosaic E15).
public enum UserLogout: AgentMethod {
    /// Which token.
    public struct Parameters: WireObject, Hashable {
        /// The user's access token.
        public var accessToken: Secret

        /// The token of the user who logs out.
        public init(accessToken: Secret) { self.accessToken = accessToken }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "access_token",
                .formed(.bearerToken, 1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc: "The user's access token, with which the agent speaks to Mosaic in the user's name."
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            accessToken = try object.secret("access_token")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("access_token", accessToken)
        }
    }

    /// What Mosaic says it did.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How many sessions were ended, if Mosaic says so.
        public var sessionsCount: Int?

        /// A log-out.
        public init(sessionsCount: Int? = nil) { self.sessionsCount = sessionsCount }

        /// The schema of the result.
        public static let fields: [Field] = [
            Field("sessions_count", .count, doc: "How many sessions were ended, if Mosaic says so.")
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sessionsCount = try object.optionalInteger("sessions_count").map { Int(clamping: $0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("sessions_count", sessionsCount)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.logout",
        summary: "Ends the session that a user's access token belongs to.",
        doc: """
            For sessions of a login through the browser; `session.logout` ends those of backend authentications. A token \
            that has expired or that Mosaic does not know is error `invalid_token`.
            """,
        requirement: .right(.session),
        retryClass: .effect,
        errors: .upstream + [.invalidToken, .notConfigured]
    )
}
