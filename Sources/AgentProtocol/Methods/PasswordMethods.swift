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

/// `password.register`: a first password for a user who has none (Mosaic E28).
public enum PasswordRegister: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// Mosaic's id of the user.
        public var userID: Identifier
        /// The password.
        public var password: Secret
        /// Whether it is temporary.
        public var forceReplace: Bool
        /// The login name to set.
        public var username: Identifier?
        /// Whether the complexity policy is applied; nil is true.
        public var enforceComplexity: Bool?
        /// The device that registers.
        public var deviceID: String?

        /// A first password; the optional fields are set afterwards.
        public init(userID: Identifier, password: Secret, forceReplace: Bool) {
            self.userID = userID
            self.password = password
            self.forceReplace = forceReplace
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.userID.fields() + [
                .newPassword, .forceReplace, .usernameToSet,
                Field("enforce_complexity", .boolean, doc: "Whether the complexity policy is applied. Default true."),
                .deviceID,
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
            password = try object.secret("password")
            forceReplace = try object.boolean("force_replace")
            username = try object.optionalIdentifier("username")
            enforceComplexity = try object.optionalBoolean("enforce_complexity")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
            writer.member("password", password)
            writer.member("force_replace", forceReplace)
            writer.member("username", username)
            writer.member("enforce_complexity", enforceComplexity)
            writer.member("device_id", deviceID)
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
        public var accessToken: Secret
        /// The password.
        public var password: Secret
        /// The login name to set.
        public var username: Identifier?
        /// The device that registers.
        public var deviceID: String?

        /// A first password; the optional fields are set afterwards.
        public init(accessToken: Secret, password: Secret) {
            self.accessToken = accessToken
            self.password = password
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "access_token",
                .formed(.bearerToken, 1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc: "The user's access token, as a login gave it."
            ),
            .newPassword, .usernameToSet, .deviceID,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            accessToken = try object.secret("access_token")
            password = try object.secret("password")
            username = try object.optionalIdentifier("username")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("access_token", accessToken)
            writer.member("password", password)
            writer.member("username", username)
            writer.member("device_id", deviceID)
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
        public var userID: Identifier
        /// The password.
        public var password: Secret
        /// Whether it is temporary.
        public var forceReplace: Bool
        /// The device in use.
        public var deviceID: String?

        /// Another password.
        public init(userID: Identifier, password: Secret, forceReplace: Bool, deviceID: String? = nil) {
            self.userID = userID
            self.password = password
            self.forceReplace = forceReplace
            self.deviceID = deviceID
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.userID.fields() + [.newPassword, .forceReplace, .deviceID]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
            password = try object.secret("password")
            forceReplace = try object.boolean("force_replace")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
            writer.member("password", password)
            writer.member("force_replace", forceReplace)
            writer.member("device_id", deviceID)
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
    public var cause: PasswordChangeCause
    /// Allows to set a new password, if Mosaic gave one.
    public var resetToken: Secret?

    /// A change that is required.
    public init(cause: PasswordChangeCause, resetToken: Secret? = nil) {
        self.cause = cause
        self.resetToken = resetToken
    }

    /// The schema of the members beside `verdict`.
    public static let fields: [Field] = [
        .required("cause", .choice(["expired", "temporary"]), doc: "Why the password must be replaced."),
        Field(
            "reset_token",
            .anyText,
            isSensitive: true,
            doc: "Allows to set a new password, if Mosaic gave one."
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        cause = PasswordChangeCause(try object.text("cause"))
        resetToken = try object.optionalSecret("reset_token")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("cause", cause.name)
        writer.member("reset_token", resetToken)
    }
}

/// Parameters of methods that set a password.
extension Field {
    /// `password`, the new one: read with `secret`.
    static let newPassword = Field.required(
        "password",
        .text(1...ProtocolLimits.maximumPasswordBytes),
        isSensitive: true,
        doc: "The new password."
    )

    /// `force_replace`: read with `boolean`. Required, because Mosaic's default would make the password temporary.
    static let forceReplace = Field.required(
        "force_replace",
        .boolean,
        doc:
            "Whether the password is temporary and must be replaced at the next login; false for one that the user chose."
    )

    /// `username` of a first password: read with `optionalIdentifier`.
    static let usernameToSet = Field(
        "username",
        .text(1...ProtocolLimits.maximumIdentifierBytes),
        identifies: .username,
        doc: "The login name to set; without it a verified e-mail address becomes one."
    )
}

/// The result of methods that set a password.
public struct PasswordSetResult: WireObject, MethodResult, Hashable {
    /// Mosaic's message, for people.
    public var message: String?

    /// The password is set.
    public init(message: String? = nil) { self.message = message }

    /// The schema of the members.
    public static let fields: [Field] = [Field("message", .anyText, doc: "What Mosaic says about it, for people.")]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        message = try object.optionalText("message")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("message", message)
    }
}

extension [ErrorKind] {
    /// What can happen to a call that sets the password of a user it names.
    static let settingPassword: [ErrorKind] = [
        .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
        .passwordRejected, .conflict, .notFound, .notConfigured,
    ]
}
