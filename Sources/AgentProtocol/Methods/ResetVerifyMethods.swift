public import Secrets
public import StrictJSON

/// `reset.verify_email_otp`: whether a mailed code is right, in exchange for a reset token (Mosaic E9).
public enum ResetVerifyEmailOTP: AgentMethod {
    /// Whose code, and the code.
    public struct Parameters: WireObject {
        /// The address as the code was sent to.
        public var email: Identifier
        /// The code as the user typed it, with its leading zeros.
        public var passcode: Secret

        /// The parameters; both are needed.
        public init(email: Identifier, passcode: Secret) {
            self.email = email
            self.passcode = passcode
        }

        /// The schema of the parameters.
        public static let fields: [Field] = TargetRule.oneOf([.email]).fields() + [.resetPasscode]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            email = try object.identifier("email")
            passcode = try object.secret("passcode")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("email", email)
            writer.member("passcode", passcode)
        }
    }

    /// What was decided.
    public typealias Result = ResetFactorResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.verify_email_otp",
        summary: "Checks a mailed reset code and, if it is right, returns a reset token.",
        doc: """
            The address must be that of `reset.send_email_otp`. A wrong, expired or used code, an unknown and a locked \
            user are all `denied` and take equally long. Every `denied` counts as an attempt at Mosaic, which gives up a \
            code after a few.
            """,
        requirement: .right(.reset),
        target: .oneOf([.email]),
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: .resetFactor
    )
}

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

/// `reset.verify_password`: whether the user knows the current password, in exchange for a reset token (Mosaic E12).
public enum ResetVerifyPassword: AgentMethod {
    static let target = TargetRule.oneOf([.username, .email, .phoneNumber])

    /// Who wants another password, and the current one.
    public struct Parameters: WireObject {
        /// The user, by user name, e-mail address or phone number.
        public var user: Target
        /// The current password as the user typed it.
        public var password: Secret
        /// The reset token of the first factor, where a second one is required.
        public var previousResetToken: Secret?

        /// The parameters; user and password are needed.
        public init(user: Target, password: Secret, previousResetToken: Secret? = nil) {
            self.user = user
            self.password = password
            self.previousResetToken = previousResetToken
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "password",
                    .text(1...ProtocolLimits.maximumPasswordBytes),
                    isSensitive: true,
                    doc: "The current password as the user typed it."
                )
            ] + target.fields() + [.previousResetToken]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(ResetVerifyPassword.target)
            password = try object.secret("password")
            previousResetToken = try object.optionalSecret("prev_reset_token")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, ResetVerifyPassword.target)
            writer.member("password", password)
            writer.member("prev_reset_token", previousResetToken)
        }
    }

    /// What was decided.
    public typealias Result = ResetFactorResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.verify_password",
        summary: "Checks a user's current password and, if it is right, returns a reset token to choose another with.",
        doc: """
            This changes a password that the user still knows; it logs no one in. A wrong password, an unknown, inactive \
            or locked user are all `denied` and take equally long, and every `denied` counts as an attempt at Mosaic. The \
            password is changed on the application of the agent's own client.
            """,
        requirement: .right(.reset),
        target: target,
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: .resetFactor
    )
}

/// What was decided about a factor of a password reset.
public typealias ResetFactorResult = GrantedOrDenied<ResetGrant>

/// The right to set a new password once, or to prove a second factor.
public struct ResetGrant: GrantMembers, Hashable {
    /// The token, for `reset.complete` or as `prev_reset_token`.
    public var resetToken: Secret
    /// Whether a second factor must be proved first; nil when the token does not tell.
    public var mfaRequired: Bool?

    /// A token and what it is good for.
    public init(resetToken: Secret, mfaRequired: Bool?) {
        self.resetToken = resetToken
        self.mfaRequired = mfaRequired
    }

    /// When a factor is right.
    public static let grantedDoc = "The user has proved this factor."
    /// When it is not.
    public static let deniedDoc = "Wrong, expired or used, or of an unknown or locked user."

    /// The schema of the members beside `verdict`.
    public static let fields: [Field] = [
        .required(
            "reset_token",
            .anyText,
            isSensitive: true,
            doc: "Allows to set the user's password with `reset.complete`, once and for some minutes."
        ),
        Field(
            "mfa_required",
            .boolean,
            doc: "Whether a second factor must be proved first, by another method and with this token as "
                + "`prev_reset_token`. Read from the token; missing when it cannot be read."
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        resetToken = try object.secret("reset_token")
        mfaRequired = try object.optionalBoolean("mfa_required")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("reset_token", resetToken)
        writer.member("mfa_required", mfaRequired)
    }
}

/// `reset.complete`: set a new password with a reset token (Mosaic E13).
public enum ResetComplete: AgentMethod {
    /// With what right, which password, and whether a login follows.
    public struct Parameters: WireObject {
        /// The right to set the password, which names the user.
        public var resetToken: Secret
        /// The new password as the user typed it.
        public var newPassword: Secret
        /// The registered URI where the user is to be logged in afterwards.
        public var redirectURI: String?
        /// The resource URI for that login.
        public var resource: String?
        /// Whether that login takes a second factor.
        public var requireMFA: Bool?

        /// The parameters; token and password are needed.
        public init(
            resetToken: Secret,
            newPassword: Secret,
            redirectURI: String? = nil,
            resource: String? = nil,
            requireMFA: Bool? = nil
        ) {
            self.resetToken = resetToken
            self.newPassword = newPassword
            self.redirectURI = redirectURI
            self.resource = resource
            self.requireMFA = requireMFA
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "reset_token",
                .text(1...ProtocolLimits.maximumTokenBytes),
                isSensitive: true,
                doc:
                    "The token of a factor that was `granted`, of `password_change_required`, or the `code` of a reset "
                    + "link."
            ),
            .required(
                "new_password",
                .text(1...ProtocolLimits.maximumPasswordBytes),
                isSensitive: true,
                doc: "The new password as the user typed it."
            ),
            Field(
                "redirect_uri",
                .text(1...2048),
                doc:
                    "Where the user is logged in afterwards; the result then has the `url` for it. It must be registered "
                    + "at Mosaic."
            ),
            .resource,
            Field("require_mfa", .boolean, doc: "Whether that login takes a second factor. Default false."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            resetToken = try object.secret("reset_token")
            newPassword = try object.secret("new_password")
            redirectURI = try object.optionalText("redirect_uri")
            resource = try object.optionalText("resource")
            requireMFA = try object.optionalBoolean("require_mfa")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("reset_token", resetToken)
            writer.member("new_password", newPassword)
            writer.member("redirect_uri", redirectURI)
            writer.member("resource", resource)
            writer.member("require_mfa", requireMFA)
        }
    }

    /// That the password was set.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Mosaic's message for people.
        public var message: String?
        /// Where the login goes on; its holder can go on with it.
        public var url: Secret?
        /// The address to which Mosaic mails that the password was changed.
        public var email: String?

        /// A password that was set.
        public init(message: String? = nil, url: Secret? = nil, email: String? = nil) {
            self.message = message
            self.url = url
            self.email = email
        }

        /// The schema of the members.
        public static let fields: [Field] = [
            Field("message", .anyText, doc: "Mosaic's message for people."),
            Field(
                "url",
                .anyText,
                isSensitive: true,
                doc: "Where the browser goes on to be logged in, if `redirect_uri` was given."
            ),
            Field("email", .anyText, doc: "The address to which Mosaic mails that the password was changed."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            message = try object.optionalText("message")
            url = try object.optionalSecret("url")
            email = try object.optionalText("email")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("message", message)
            writer.member("url", url)
            writer.member("email", email)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.complete",
        summary: "Sets a new password with a reset token.",
        doc: """
            The new password is permanent. One that the application does not accept is `password_rejected`, with Mosaic's \
            reasons in `data.violations`. A token that is unknown, expired or spent, or \
            for which a second factor is still missing, is `invalid_token`. The token names the user, so a rule with \
            `Users=` does not allow this method. Sessions go on; `session.revoke` ends them.
            """,
        requirement: .right(.reset),
        retryClass: .effect,
        errors: .upstream + [.passwordRejected, .notConfigured, .invalidToken]
    )
}
