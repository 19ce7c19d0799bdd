public import Secrets

/// `reset.send_email_link`: have a link mailed with which a user can choose a new password (Mosaic E6).
public enum ResetSendEmailLink: AgentMethod {
    static let target = TargetRule.oneOf([.email, .username])

    /// Whose password, where the link leads, and with what text.
    public struct Parameters: WireObject {
        /// The user, by primary e-mail address or by user name.
        public var user = Target()
        /// The registered URI that receives the reset token as `code`.
        public var redirectURI = ""
        /// What has to do with a second factor.
        public var options = ResetOptions()
        /// The texts of the mail.
        public var emailContent: EmailContent?

        /// All members blank.
        public init() {}

        /// The parameters; user and redirect URI are needed.
        public init(
            user: Target,
            redirectURI: String,
            options: ResetOptions = ResetOptions(),
            emailContent: EmailContent? = nil
        ) {
            self.user = user
            self.redirectURI = redirectURI
            self.options = options
            self.emailContent = emailContent
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.resetRedirectURI(&redirectURI)
            try members.target(&user, ResetSendEmailLink.target)
            try options.visit(&members)
            try members.emailContent(&emailContent)
        }
    }

    /// That the send was taken on.
    public typealias Result = SendResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.send_email_link",
        summary: "Has a link mailed to a user with which a new password can be chosen.",
        doc: """
            The mail goes to the user's primary address, which must be verified. The user follows the link, and the \
            application's page at `redirect_uri` receives a `code`: it is the reset token for `reset.complete`. \
            `accepted` says nothing about the user: an unknown one, one without a verified address, and one whose \
            `prev_reset_token` is no good get the same answer. Nothing is ever sent twice of the agent's own accord.
            """,
        requirement: .right(.reset),
        target: target,
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .resetSend
    )
}

/// `reset.send_email_otp`: have a one-time code mailed with which a user can choose a new password (Mosaic E8).
public enum ResetSendEmailOTP: AgentMethod {
    /// Whose password, and with what text.
    public struct Parameters: WireObject {
        /// The user's primary e-mail address.
        public var email = Identifier()
        /// What has to do with a second factor.
        public var options = ResetOptions()
        /// The texts of the mail.
        public var emailContent: EmailContent?

        /// All members blank.
        public init() {}

        /// The parameters; only the address is needed.
        public init(email: Identifier, options: ResetOptions = ResetOptions(), emailContent: EmailContent? = nil) {
            self.email = email
            self.options = options
            self.emailContent = emailContent
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.email, &email)
            try options.visit(&members)
            try members.emailContent(&emailContent)
        }
    }

    /// That the send was taken on.
    public typealias Result = SendResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.send_email_otp",
        summary: "Has a one-time code mailed to a user with which a new password can be chosen.",
        doc: """
            The address must be the user's primary one and verified. `reset.verify_email_otp` takes the code. `accepted` \
            says nothing about the user: an unknown one, one whose address is not verified, and one whose \
            `prev_reset_token` is no good get the same answer. \
            Nothing is ever sent twice of the agent's own accord.
            """,
        requirement: .right(.reset),
        target: .oneOf([.email]),
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .resetSend
    )
}

/// `reset.send_sms_otp`: have a one-time code texted with which a user can choose a new password (Mosaic E10).
public enum ResetSendSMSOTP: AgentMethod {
    /// Whose password.
    public struct Parameters: WireObject {
        /// The user's primary phone number.
        public var phoneNumber = Identifier()
        /// What has to do with a second factor.
        public var options = ResetOptions()

        /// All members blank.
        public init() {}

        /// The parameters; only the number is needed.
        public init(phoneNumber: Identifier, options: ResetOptions = ResetOptions()) {
            self.phoneNumber = phoneNumber
            self.options = options
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.phoneNumber, &phoneNumber)
            try options.visit(&members)
        }
    }

    /// That the send was taken on.
    public typealias Result = SendResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.send_sms_otp",
        summary: "Has a one-time code texted to a user with which a new password can be chosen.",
        doc: """
            The number must be the user's primary one and verified. `reset.verify_sms_otp` takes the code. `accepted` \
            says nothing about the user: an unknown one, one whose number is not verified, and one whose \
            `prev_reset_token` is no good get the same answer. \
            Nothing is ever sent twice of the agent's own accord.
            """,
        requirement: .right(.reset),
        target: .oneOf([.phoneNumber]),
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .resetSend
    )
}

/// `reset.create_link`: get the link that `reset.send_email_link` would mail (Mosaic E7).
public enum ResetCreateLink: AgentMethod {
    static let target = TargetRule.oneOf([.email, .username])

    /// Whose password, and where the link leads.
    public struct Parameters: WireObject {
        /// The user, by primary e-mail address or by user name.
        public var user = Target()
        /// The registered URI that receives the reset token as `code`.
        public var redirectURI = ""
        /// What has to do with a second factor.
        public var options = ResetOptions()

        /// All members blank.
        public init() {}

        /// The parameters; user and redirect URI are needed.
        public init(user: Target, redirectURI: String, options: ResetOptions = ResetOptions()) {
            self.user = user
            self.redirectURI = redirectURI
            self.options = options
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.resetRedirectURI(&redirectURI)
            try members.target(&user, ResetCreateLink.target)
            try options.visit(&members)
        }
    }

    /// The link.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The link; its holder can set the user's password.
        public var resetLink = Secret.empty

        /// All members blank.
        public init() {}

        /// A link.
        public init(resetLink: Secret) { self.resetLink = resetLink }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "reset_link",
                &resetLink,
                doc: "The link, for the caller to deliver. Anyone who follows it can set the user's password."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "reset.create_link",
        summary: "Makes a link with which a user's new password can be chosen, and returns it to the caller.",
        doc: """
            Nothing is sent: the caller has to bring the link to the user, and to no one else. Who may do this can take \
            over any account, so it needs a right of its own; and as such a caller may know who exists, the answer is not \
            uniform: an unknown user, or one who may not reset, is `not_found`. Following the link leads to \
            `redirect_uri` with the reset token as `code`.
            """,
        requirement: .right(.reset),
        furtherRights: [.resetDirect],
        target: target,
        budget: .sends,
        retryClass: .effect,
        errors: .upstream + [.notFound, .notConfigured, .invalidToken]
    )
}

/// The parameters that have to do with a second factor, of the methods that begin a password reset.
public struct ResetOptions: WireObject, Hashable {
    /// The reset token of the first factor, where a second one is required.
    public var previousResetToken: Secret?
    /// Whether no second factor is asked for although the application wants one.
    public var ignoreMFA: Bool?

    /// All members blank.
    public init() {}

    /// Options, none of them needed.
    public init(previousResetToken: Secret? = nil, ignoreMFA: Bool? = nil) {
        self.previousResetToken = previousResetToken
        self.ignoreMFA = ignoreMFA
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.previousResetToken(&previousResetToken)
        try members.optional(
            "ignore_mfa",
            &ignoreMFA,
            right: FieldRight(.resetIgnoreMFA, whenValueIs: "true"),
            doc: "Whether one factor is enough although the application asks for two. Default false."
        )
    }
}

/// Parameters that the methods of password resets share.
extension MemberVisitor {
    /// `prev_reset_token`.
    mutating func previousResetToken(_ value: inout Secret?) throws(Failure) {
        try optional(
            "prev_reset_token",
            &value,
            .text(1...ProtocolLimits.maximumTokenBytes),
            doc: "The `reset_token` of the first factor, if its `mfa_required` was true; this is then the second one."
        )
    }

    /// `redirect_uri` of a reset link.
    mutating func resetRedirectURI(_ value: inout String) throws(Failure) {
        try required(
            "redirect_uri",
            &value,
            .text(1...2048),
            doc: "Where the link leads in the end, with the reset token as `code`. It must be registered at Mosaic."
        )
    }

    /// `passcode` of a reset.
    mutating func resetPasscode(_ value: inout Secret) throws(Failure) {
        try required(
            "passcode",
            &value,
            .text(1...256),
            doc: "The code as the user typed it. A string, because codes may begin with zeros."
        )
    }
}

extension [ErrorKind] {
    /// What the methods that have something sent for a password reset can end in.
    static let resetSend: [ErrorKind] = .upstream + [.notConfigured]
    /// What the methods that check a factor of a password reset can end in.
    static let resetFactor: [ErrorKind] = .upstream + [.notConfigured, .invalidToken]
}
