public import Secrets

/// `password.check`: whether a password may be chosen (Mosaic E14).
public enum PasswordCheck: AgentMethod {
    /// Which password, and whose.
    public struct Parameters: WireObject {
        /// The candidate.
        public var password = Secret.empty
        /// The user whose history is looked at as well.
        public var user: Target?

        /// All members blank.
        public init() {}

        /// A question about a candidate.
        public init(password: Secret, user: Target? = nil) {
            self.password = password
            self.user = user
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "password",
                &password,
                .text(1...ProtocolLimits.maximumPasswordBytes),
                doc: "The password that a user wants to choose."
            )
            try members.target(&user, rule, right: FieldRight(.reset))
        }
    }

    /// What Mosaic says of it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether it may be chosen.
        public var validPassword = false
        /// Why not.
        public var errors: [Problem] = []

        /// One thing that is wrong with a password.
        public struct Problem: WireObject, Hashable {
            /// Mosaic's code, which is not documented.
            public var code: String?
            /// Mosaic's words.
            public var message = ""

            /// All members blank.
            public init() {}

            /// A problem.
            public init(code: String? = nil, message: String) {
                self.code = code
                self.message = message
            }

            /// The members.
            public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
                try members.required("message", &message, doc: "What is wrong, in Mosaic's words.")
                try members.optional(
                    "code",
                    &code,
                    doc: "Mosaic's code. Its values are not documented: show `message`."
                )
            }
        }

        /// All members blank.
        public init() {}

        /// An answer.
        public init(validPassword: Bool, errors: [Problem] = []) {
            self.validPassword = validPassword
            self.errors = errors
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("valid_password", &validPassword, doc: "Whether the password may be chosen.")
            try members.required(
                "errors",
                &errors,
                .array(of: .object(Problem.self), maximumCount: .max),
                doc: "Why not; empty for one that may be chosen."
            )
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

/// `password.register`: a first password for a user who has none (Mosaic E28).
public enum PasswordRegister: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// Mosaic's id of the user.
        public var userID = Identifier()
        /// The password.
        public var password = Secret.empty
        /// Whether it is temporary.
        public var forceReplace = false
        /// The login name to set.
        public var username: Identifier?
        /// Whether the complexity policy is applied; nil is true.
        public var enforceComplexity: Bool?
        /// The device that registers.
        public var deviceID: String?

        /// All members blank.
        public init() {}

        /// A first password; the optional fields are set afterwards.
        public init(userID: Identifier, password: Secret, forceReplace: Bool) {
            self.userID = userID
            self.password = password
            self.forceReplace = forceReplace
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.userID, &userID)
            try members.newPassword(&password)
            try members.forceReplace(&forceReplace)
            try members.usernameToSet(&username)
            try members.optional(
                "enforce_complexity",
                &enforceComplexity,
                doc: "Whether the complexity policy is applied. Default true."
            )
            try members.deviceID(&deviceID)
        }
    }

    /// That it is done.
    public typealias Result = PasswordSetResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.register",
        summary: "Gives a user who has no password a first one.",
        doc: """
            A user who has one already is a `conflict`, and the password stays: `password.update` is the way to replace \
            it, and the agent never turns the one into the other. What is wrong with a refused password stands in \
            `data.violations`.
            """,
        requirement: .right(.credentials),
        target: .userID,
        retryClass: .effect,
        errors: .settingPassword
    )
}

/// `password.register_own`: a logged-in user's own first password (Mosaic E30).
public enum PasswordRegisterOwn: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// The user's access token.
        public var accessToken = Secret.empty
        /// The password.
        public var password = Secret.empty
        /// The login name to set.
        public var username: Identifier?
        /// The device that registers.
        public var deviceID: String?

        /// All members blank.
        public init() {}

        /// A first password; the optional fields are set afterwards.
        public init(accessToken: Secret, password: Secret) {
            self.accessToken = accessToken
            self.password = password
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "access_token",
                &accessToken,
                .formed(.bearerToken, 1...ProtocolLimits.maximumTokenBytes),
                doc: "The user's access token, as a login gave it."
            )
            try members.newPassword(&password)
            try members.usernameToSet(&username)
            try members.deviceID(&deviceID)
        }
    }

    /// That it is done.
    public typealias Result = PasswordSetResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.register_own",
        summary: "Gives the user of a token a first password.",
        doc: """
            In the user's own name, not in the agent's: the token says who it is. The password is the user's own choice and \
            so not temporary. A user who has one already is a `conflict`; a token that Mosaic does not accept is \
            `invalid_token`. A rule with `Users=` does not allow it, since the agent does not know whose token it is.
            """,
        requirement: .right(.session),
        retryClass: .effect,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .upstreamProtocol, .upstreamForbidden, .passwordRejected,
            .conflict, .notConfigured, .invalidToken,
        ]
    )
}

/// `password.update`: another password for a user who has one, without the old one (Mosaic E29).
public enum PasswordUpdate: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// Mosaic's id of the user.
        public var userID = Identifier()
        /// The password.
        public var password = Secret.empty
        /// Whether it is temporary.
        public var forceReplace = false
        /// The device in use.
        public var deviceID: String?

        /// All members blank.
        public init() {}

        /// Another password.
        public init(userID: Identifier, password: Secret, forceReplace: Bool, deviceID: String? = nil) {
            self.userID = userID
            self.password = password
            self.forceReplace = forceReplace
            self.deviceID = deviceID
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.userID, &userID)
            try members.newPassword(&password)
            try members.forceReplace(&forceReplace)
            try members.deviceID(&deviceID)
        }
    }

    /// That it is done.
    public typealias Result = PasswordSetResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.update",
        summary: "Replaces the password of a user, without the old one.",
        doc: """
            For administrators, and for users who were authenticated some other way. A user without a password is a \
            `conflict`: `password.register` sets the first one. What is wrong with a refused password, also that it was \
            used recently, stands in `data.violations`. The user's sessions stay; end them separately where that is wanted.
            """,
        requirement: .right(.credentials),
        target: .userID,
        retryClass: .effect,
        errors: .settingPassword
    )
}

/// Why a password must be replaced before it logs anybody in, and what allows to.
public struct PasswordChange: WireObject, Hashable {
    /// Why.
    public var cause = PasswordChangeCause("")
    /// Allows to set a new password, if Mosaic gave one.
    public var resetToken: Secret?

    /// All members blank.
    public init() {}

    /// A change that is required.
    public init(cause: PasswordChangeCause, resetToken: Secret? = nil) {
        self.cause = cause
        self.resetToken = resetToken
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required(
            "cause",
            &cause,
            .choice(["expired", "temporary"]),
            doc: "Why the password must be replaced."
        )
        try members.optional("reset_token", &resetToken, doc: "Allows to set a new password, if Mosaic gave one.")
    }
}

/// Parameters of methods that set a password.
extension MemberVisitor {
    /// `password`, the new one.
    mutating func newPassword(_ value: inout Secret) throws(Failure) {
        try required("password", &value, .text(1...ProtocolLimits.maximumPasswordBytes), doc: "The new password.")
    }

    /// `force_replace`. Required, because Mosaic's default would make the password temporary.
    mutating func forceReplace(_ value: inout Bool) throws(Failure) {
        try required(
            "force_replace",
            &value,
            doc:
                "Whether the password is temporary and must be replaced at the next login; false for one that the user chose."
        )
    }

    /// `username` of a first password.
    mutating func usernameToSet(_ value: inout Identifier?) throws(Failure) {
        try optional(
            "username",
            &value,
            .text(1...ProtocolLimits.maximumIdentifierBytes),
            identifies: .username,
            doc: "The login name to set; without it a verified e-mail address becomes one."
        )
    }
}

/// The result of methods that set a password.
public struct PasswordSetResult: WireObject, MethodResult, Hashable {
    /// Mosaic's message, for people.
    public var message: String?

    /// All members blank.
    public init() {}

    /// The password is set.
    public init(message: String? = nil) { self.message = message }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional("message", &message, doc: "What Mosaic says about it, for people.")
    }
}

extension [ErrorKind] {
    /// What can happen to a call that sets the password of a user it names.
    static let settingPassword: [ErrorKind] = [
        .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
        .passwordRejected, .conflict, .notFound, .notConfigured,
    ]
}
