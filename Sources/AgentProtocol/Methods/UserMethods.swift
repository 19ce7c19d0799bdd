public import Secrets

/// `user.get`: one user, by any identifier (Mosaic E31–E36).
public enum UserGet: AgentMethod {
    /// Which user.
    public struct Parameters: WireObject, Hashable {
        /// The identifier with its kind; a kind that is no parameter of its own goes as `identifier_name`.
        public var user = Target()

        /// All members blank.
        public init() {}

        /// The user that `identifier` of that kind names.
        public init(_ kind: IdentifierKind, _ identifier: Identifier) {
            user = Target(kind: kind, identifier: identifier)
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.target(&user, rule)
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
        public var password = Secret.empty
        /// Whether it is temporary and must be replaced at the first login.
        public var forceReplace = false

        /// All members blank.
        public init() {}

        /// A first password.
        public init(password: Secret, forceReplace: Bool) {
            self.password = password
            self.forceReplace = forceReplace
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.newPassword(&password)
            try members.forceReplace(&forceReplace)
        }
    }

    /// Who the user is.
    public struct Parameters: WireObject {
        /// Identifiers and profile.
        public var profile = UserProfile()
        /// The first password.
        public var credentials: Credentials?

        /// All members blank.
        public init() {}

        /// A new user.
        public init(profile: UserProfile, credentials: Credentials? = nil) {
            self.profile = profile
            self.credentials = credentials
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try profile.visit(&members)
            try members.optional("credentials", &credentials, doc: "The first password.")
        }
    }

    /// The user, and whether the password is the user's.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The user.
        public var user = UserObject()
        /// Whether the password of the call is now the user's.
        public var credentialsSet = false
        /// What the answer leaves out of the user.
        public var omitted: [String] = []

        /// All members blank.
        public init() {}

        /// A user.
        public init(user: UserObject, credentialsSet: Bool, omitted: [String] = []) {
            self.user = user
            self.credentialsSet = credentialsSet
            self.omitted = omitted
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("user", &user, doc: "The user, as Mosaic describes it.")
            try members.omittedMembers(&omitted, of: "user")
            try members.required(
                "credentials_set",
                &credentialsSet,
                doc:
                    "Whether the password of the call is now the user's. False without `credentials`, and when Mosaic "
                    + "only attached to the application a user that the tenant knew before."
            )
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
        public var userID = Identifier()
        /// The fields to change.
        public var profile = UserProfile()
        /// `Active`, `Disabled` or `Pending`.
        public var status: String?

        /// What a user's status can be.
        public static let statuses = ["Active", "Disabled", "Pending"]

        /// All members blank.
        public init() {}

        /// A change.
        public init(userID: Identifier, profile: UserProfile = UserProfile(), status: String? = nil) {
            self.userID = userID
            self.profile = profile
            self.status = status
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.userID, &userID)
            try profile.visit(&members)
            try members.optional(
                "status",
                &status,
                .choice(Self.statuses),
                doc: "The state of the user; `Disabled` users cannot log in."
            )
        }

        /// Checks which members go together.
        public func checkMembers() throws(SchemaViolation) {
            if profile.isEmpty, status == nil {
                throw SchemaViolation(.noneOf(Self.fields.map(\.name).filter { $0 != "user_id" }))
            }
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
        public var accessToken = Secret.empty

        /// All members blank.
        public init() {}

        /// The token of the user who logs out.
        public init(accessToken: Secret) { self.accessToken = accessToken }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "access_token",
                &accessToken,
                .formed(.bearerToken, 1...ProtocolLimits.maximumTokenBytes),
                doc: "The user's access token, with which the agent speaks to Mosaic in the user's name."
            )
        }
    }

    /// What Mosaic says it did.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How many sessions were ended, if Mosaic says so.
        public var sessionsCount: Int?

        /// All members blank.
        public init() {}

        /// A log-out.
        public init(sessionsCount: Int? = nil) { self.sessionsCount = sessionsCount }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "sessions_count",
                &sessionsCount,
                doc: "How many sessions were ended, if Mosaic says so."
            )
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
