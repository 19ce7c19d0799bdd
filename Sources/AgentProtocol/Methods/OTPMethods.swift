public import Secrets
public import StrictJSON

/// `otp.send`: have a one-time code sent to a user (Mosaic E20).
public enum OTPSend: AgentMethod {
    /// The user, the channel and the text.
    public struct Parameters: WireObject {
        /// The user.
        public var user = Target()
        /// The way that the code goes.
        public var channel = OTPChannel("")
        /// The lifetime of the code in minutes, at most 60.
        public var expiresIn: Int?
        /// What the user approves with the code; passed on and echoed as the same text.
        public var approvalData: JSONText?
        /// Another mail address than the user's own.
        public var customEmail: Identifier?
        /// Another phone number than the user's own.
        public var customPhoneNumber: Identifier?
        /// The text of the message and its sender.
        public var customSMSInput: CustomSMSInput?
        /// What every message to a user can say.
        public var options = MessageOptions()

        /// All members blank.
        public init() {}

        /// A code for `user` by `channel`; the other parameters are set afterwards.
        public init(user: Target, channel: OTPChannel) {
            self.user = user
            self.channel = channel
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "channel",
                &channel,
                .choice(["sms", "email", "direct"]),
                right: FieldRight(.otpDirect, whenValueIs: "direct"),
                doc: "The way that the code goes: to the phone, to the mailbox, or `direct`ly into the result."
            )
            try members.identifiedUser(&user)
            try members.optional(
                "expires_in",
                &expiresIn,
                .integer(1...60),
                doc: "The lifetime of the code in minutes. Default: what the application has set up at Mosaic."
            )
            try members.approvalData(&approvalData)
            try members.optional(
                "custom_email",
                &customEmail,
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                right: FieldRight(.otpRedirect),
                identifies: .email,
                doc: "The mail address to send to instead of the user's own. Only with the channel `email`."
            )
            try members.optional(
                "custom_phone_number",
                &customPhoneNumber,
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                right: FieldRight(.otpRedirect),
                identifies: .phoneNumber,
                doc: "The phone number to send to instead of the user's own. Only with the channel `sms`."
            )
            try members.customSMSInput(&customSMSInput)
            try options.visit(&members)
        }

        /// Checks which members go together.
        public func checkMembers() throws(SchemaViolation) {
            try check("custom_email", customEmail != nil, goesWith: .email)
            try check("email_content", options.emailContent != nil, goesWith: .email)
            try check("custom_phone_number", customPhoneNumber != nil, goesWith: .sms)
            try check("custom_sms_input", customSMSInput != nil, goesWith: .sms)
        }

        private func check(_ name: String, _ isThere: Bool, goesWith only: OTPChannel) throws(SchemaViolation) {
            guard isThere, channel != only else { return }
            throw SchemaViolation(.only("with the channel \(only)"), at: name)
        }
    }

    /// That the send was taken on.
    public struct Result: AcceptedResult {
        /// What the code is bound to, if that was asked for.
        public var requestID: String?
        /// What the user approves with the code, as it was given.
        public var approvalData: JSONText?
        /// The code, with the channel `direct`.
        public var code: Secret?
        /// Why nothing was sent after all, for callers whose rule says `Details=yes`.
        public var reason: String?
        /// True in the answer to a repeat, for which nothing was sent.
        public var replayed: Bool?

        /// All members blank.
        public init() {}

        /// A send that was taken on.
        public init(
            requestID: String? = nil,
            approvalData: JSONText? = nil,
            code: Secret? = nil,
            reason: String? = nil
        ) {
            self.requestID = requestID
            self.approvalData = approvalData
            self.code = code
            self.reason = reason
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "request_id",
                &requestID,
                doc: "What the code is bound to, if `generate_request_id` was true."
            )
            try members.optional(
                "approval_data",
                &approvalData,
                doc: "What the user approves with the code, as it was given."
            )
            try members.optional("code", &code, doc: "The code, with the channel `direct`.")
            try members.reason(&reason)
            try members.replayed(&replayed)
        }

        /// When this is the result.
        public static let acceptedDoc =
            "The code is on its way, if the user exists, is active and has an address for it. The answer does not say "
            + "whether."
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "otp.send",
        summary: "Has a one-time code sent to a user, by text message or mail.",
        doc: """
            `accepted` says nothing about the user: an unknown or inactive one, or one without an address for the channel, \
            gets the same answer, with a random `request_id` if one was asked for. Send and check with the same client. A \
            further code may end the one before, and nothing is ever sent twice of the agent's own accord. With the channel \
            `direct` nothing is sent and the result has the code; that needs a right of its own, is not uniform (such \
            users are `not_found`) and is never answered from memory.
            """,
        requirement: .right(.login),
        target: IdentifiedUser.rule,
        budget: .sends,
        retryClass: .effect,
        isSend: true,
        isUniform: true,
        errors: .upstream + [.notFound, .notConfigured]
    )
}

/// The way that a one-time code goes. Unknown names are kept.
public struct OTPChannel: OpenName {
    /// The name on the wire.
    public let name: String

    /// The channel of that name.
    public init(_ name: String) { self.name = name }

    /// A text message.
    public static let sms = OTPChannel("sms")
    /// A mail.
    public static let email = OTPChannel("email")
    /// Nowhere: the result has it.
    public static let direct = OTPChannel("direct")
}

/// `otp.authenticate`: log a user in with a one-time code (Mosaic E21).
public enum OTPAuthenticate: AgentMethod {
    /// Who wants to log in, and with what.
    public struct Parameters: WireObject {
        /// The user, as the code was sent.
        public var user = Target()
        /// The code as the user typed it, with its leading zeros.
        public var passcode = Secret.empty
        /// The optional parameters.
        public var options = AuthenticationOptions()

        /// All members blank.
        public init() {}

        /// The parameters of a login with a code.
        public init(user: Target, passcode: Secret, options: AuthenticationOptions = AuthenticationOptions()) {
            self.user = user
            self.passcode = passcode
            self.options = options
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "passcode",
                &passcode,
                .text(1...256),
                doc: "The code as the user typed it. A string, because codes may begin with zeros."
            )
            try members.identifiedUser(&user)
            try options.visit(&members)
        }
    }

    /// What was decided.
    public typealias Result = AuthenticationResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "otp.authenticate",
        summary: "Checks a one-time code and, if it is right, returns tokens and a session.",
        doc: """
            The identifier and its type must be those of the send, and so must the client. A wrong, expired or used code, \
            an unknown and a locked user are all `denied` and take equally long. Every `denied` counts as an attempt at \
            Mosaic, which gives up a code after a few. A code that came by mail or phone also verifies that address.
            """,
        requirement: .right(.login),
        target: IdentifiedUser.rule,
        budget: .attempts,
        retryClass: .effect,
        isUniform: true,
        errors: AuthenticationResult.errors
    )
}

/// The text and the sender of a message to a phone (`custom_sms_input`).
public struct CustomSMSInput: WireObject, Hashable {
    /// The text, with `{otp}` and `{app}` where code and application belong.
    public var customMessage: String?
    /// The sender that the phone shows, where the country supports it.
    public var senderID: String?

    /// All members blank.
    public init() {}

    /// Text and sender; both may be missing.
    public init(customMessage: String? = nil, senderID: String? = nil) {
        self.customMessage = customMessage
        self.senderID = senderID
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional(
            "custom_message",
            &customMessage,
            .formed(.smsTemplate, 10...560),
            doc: "The text, with `{otp}` and `{app}` where code and application belong."
        )
        try members.optional(
            "sender_id",
            &senderID,
            .formed(.characters(11), 1...44),
            doc: "The sender that the phone shows; not every country supports it."
        )
    }
}
