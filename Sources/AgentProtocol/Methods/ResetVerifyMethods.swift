public import Secrets

/// `reset.verify_email_otp`: whether a mailed code is right, in exchange for a reset token (Mosaic E9).
public enum ResetVerifyEmailOTP: AgentMethod {
    /// Whose code, and the code.
    public struct Parameters: WireObject {
        /// The address as the code was sent to.
        public var email = Identifier()
        /// The code as the user typed it, with its leading zeros.
        public var passcode = Secret.empty

        /// All members blank.
        public init() {}

        /// The parameters; both are needed.
        public init(email: Identifier, passcode: Secret) {
            self.email = email
            self.passcode = passcode
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.email, &email)
            try members.resetPasscode(&passcode)
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
        public var phoneNumber = Identifier()
        /// The code as the user typed it, with its leading zeros.
        public var passcode = Secret.empty

        /// All members blank.
        public init() {}

        /// The parameters; both are needed.
        public init(phoneNumber: Identifier, passcode: Secret) {
            self.phoneNumber = phoneNumber
            self.passcode = passcode
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.phoneNumber, &phoneNumber)
            try members.resetPasscode(&passcode)
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
        public var user = Target()
        /// The current password as the user typed it.
        public var password = Secret.empty
        /// The reset token of the first factor, where a second one is required.
        public var previousResetToken: Secret?

        /// All members blank.
        public init() {}

        /// The parameters; user and password are needed.
        public init(user: Target, password: Secret, previousResetToken: Secret? = nil) {
            self.user = user
            self.password = password
            self.previousResetToken = previousResetToken
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "password",
                &password,
                .text(1...ProtocolLimits.maximumPasswordBytes),
                doc: "The current password as the user typed it."
            )
            try members.target(&user, ResetVerifyPassword.target)
            try members.previousResetToken(&previousResetToken)
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
    public var resetToken = Secret.empty
    /// Whether a second factor must be proved first; nil when the token does not tell.
    public var mfaRequired: Bool?

    /// All members blank.
    public init() {}

    /// A token and what it is good for.
    public init(resetToken: Secret, mfaRequired: Bool?) {
        self.resetToken = resetToken
        self.mfaRequired = mfaRequired
    }

    /// When a factor is right.
    public static let grantedDoc = "The user has proved this factor."
    /// When it is not.
    public static let deniedDoc = "Wrong, expired or used, or of an unknown or locked user."

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required(
            "reset_token",
            &resetToken,
            doc: "Allows to set the user's password with `reset.complete`, once and for some minutes."
        )
        try members.optional(
            "mfa_required",
            &mfaRequired,
            doc: "Whether a second factor must be proved first, by another method and with this token as "
                + "`prev_reset_token`. Read from the token; missing when it cannot be read."
        )
    }
}

/// `reset.complete`: set a new password with a reset token (Mosaic E13).
public enum ResetComplete: AgentMethod {
    /// With what right, which password, and whether a login follows.
    public struct Parameters: WireObject {
        /// The right to set the password, which names the user.
        public var resetToken = Secret.empty
        /// The new password as the user typed it.
        public var newPassword = Secret.empty
        /// The registered URI where the user is to be logged in afterwards.
        public var redirectURI: String?
        /// The resource URI for that login.
        public var resource: String?
        /// Whether that login takes a second factor.
        public var requireMFA: Bool?

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "reset_token",
                &resetToken,
                .text(1...ProtocolLimits.maximumTokenBytes),
                doc:
                    "The token of a factor that was `granted`, of `password_change_required`, or the `code` of a reset "
                    + "link."
            )
            try members.required(
                "new_password",
                &newPassword,
                .text(1...ProtocolLimits.maximumPasswordBytes),
                doc: "The new password as the user typed it."
            )
            try members.optional(
                "redirect_uri",
                &redirectURI,
                .text(1...2048),
                doc:
                    "Where the user is logged in afterwards; the result then has the `url` for it. It must be registered "
                    + "at Mosaic."
            )
            try members.resource(&resource)
            try members.optional(
                "require_mfa",
                &requireMFA,
                doc: "Whether that login takes a second factor. Default false."
            )
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

        /// All members blank.
        public init() {}

        /// A password that was set.
        public init(message: String? = nil, url: Secret? = nil, email: String? = nil) {
            self.message = message
            self.url = url
            self.email = email
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional("message", &message, doc: "Mosaic's message for people.")
            try members.optional(
                "url",
                &url,
                doc: "Where the browser goes on to be logged in, if `redirect_uri` was given."
            )
            try members.optional(
                "email",
                &email,
                doc: "The address to which Mosaic mails that the password was changed."
            )
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
