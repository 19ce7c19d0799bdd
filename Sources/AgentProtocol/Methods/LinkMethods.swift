public import Secrets

/// `link.send`: have a magic link sent to a user (Mosaic E18, identifier form).
public enum LinkSend: AgentMethod {
    /// The user, the target of the link and the text.
    public struct Parameters: WireObject {
        /// The user.
        public var user = Target()
        /// The registered URI that receives the code.
        public var redirectURI = ""
        /// The way that the link goes; nil is a mail.
        public var channel: LinkChannel?
        /// What is appended to the redirect.
        public var state: String?
        /// The lifetime of the link in minutes.
        public var emailExpiration: Int?
        /// What every message to a user can say.
        public var options = MessageOptions()

        /// All members blank.
        public init() {}

        /// A link for `user` that leads to `redirectURI`; the other parameters are set afterwards.
        public init(user: Target, redirectURI: String) {
            self.user = user
            self.redirectURI = redirectURI
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifiedUser(&user)
            try members.required(
                "redirect_uri",
                &redirectURI,
                .text(1...2048),
                doc: "The URI that receives the code. It must be registered at Mosaic."
            )
            try members.optional(
                "channel",
                &channel,
                .choice(["email", "direct"]),
                right: FieldRight(.linkDirect, whenValueIs: "direct"),
                doc:
                    "The way that the link goes: to the mailbox, or `direct`ly into the result. Default: what Mosaic "
                    + "takes for it, a mail."
            )
            try members.optional(
                "state",
                &state,
                .text(1...1024),
                doc: "Appended to the redirect, for the application to see that it asked for the link itself."
            )
            try members.optional(
                "email_expiration",
                &emailExpiration,
                .integer(1...10_080),
                doc: "The lifetime of the link in minutes. Default: what the application has set up at Mosaic."
            )
            try options.visit(&members)
        }

        /// Checks which members go together.
        public func checkMembers() throws(SchemaViolation) {
            if channel == .direct, options.emailContent != nil {
                throw SchemaViolation(.only("with the channel \(LinkChannel.email)"), at: "email_content")
            }
        }
    }

    /// That the send was taken on.
    public struct Result: AcceptedResult {
        /// What the link is bound to, if that was asked for.
        public var requestID: String?
        /// The link, with the channel `direct`, if Mosaic gave it.
        public var link: Secret?
        /// The code of the link, with the channel `direct`, if Mosaic gave it.
        public var code: Secret?
        /// Why nothing was sent after all, for callers whose rule says `Details=yes`.
        public var reason: String?
        /// True in the answer to a repeat, for which nothing was sent.
        public var replayed: Bool?

        /// All members blank.
        public init() {}

        /// A send that was taken on.
        public init(requestID: String? = nil, link: Secret? = nil, code: Secret? = nil, reason: String? = nil) {
            self.requestID = requestID
            self.link = link
            self.code = code
            self.reason = reason
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "request_id",
                &requestID,
                doc: "What the link is bound to, if `generate_request_id` was true."
            )
            try members.optional("link", &link, doc: "The link, with the channel `direct`, if Mosaic gives it.")
            try members.optional(
                "code",
                &code,
                doc: "The code of the link, with the channel `direct`, if Mosaic gives it."
            )
            try members.reason(&reason)
            try members.replayed(&replayed)
        }

        /// When this is the result.
        public static let acceptedDoc =
            "The link is on its way, if the user exists, is active and has an address for it. The answer does not say "
            + "whether."
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "link.send",
        summary: "Has a magic link sent to a user by mail.",
        doc: """
            The user follows the link, and the application's page at `redirect_uri` receives the code, which \
            `link.authenticate` takes. `accepted` says nothing about the user: an unknown or inactive one gets the same \
            answer, with a random `request_id` if one was asked for. Nothing is ever sent twice of the agent's own accord. \
            With the channel `direct` nothing is sent and the result has the link, as far as Mosaic gives it; that needs a \
            right of its own, is not uniform (such users are `not_found`) and is never answered from memory.
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

/// The way that a magic link goes. Unknown names are kept.
public struct LinkChannel: OpenName {
    /// The name on the wire.
    public let name: String

    /// The channel of that name.
    public init(_ name: String) { self.name = name }

    /// A mail.
    public static let email = LinkChannel("email")
    /// Nowhere: the result has it.
    public static let direct = LinkChannel("direct")
}

/// `link.authenticate`: log a user in with the code of a magic link (Mosaic E19).
public enum LinkAuthenticate: AgentMethod {
    /// The code of the link to log in with.
    public struct Parameters: WireObject {
        /// The code from the link's redirect.
        public var code = Secret.empty
        /// The optional parameters.
        public var options = AuthenticationOptions()

        /// All members blank.
        public init() {}

        /// The parameters of a login with a link.
        public init(code: Secret, options: AuthenticationOptions = AuthenticationOptions()) {
            self.code = code
            self.options = options
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "code",
                &code,
                .text(1...4096),
                doc: "The code that the application's page received in the parameter `code`."
            )
            try options.visit(&members)
        }
    }

    /// What was decided.
    public typealias Result = AuthenticationResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "link.authenticate",
        summary: "Checks the code of a magic link and, if it is right, returns tokens and a session.",
        doc: """
            A link works once. A wrong, expired or used code is `denied`. The code alone names the user, so access rules \
            that limit the users (`Users=`) do not allow this method. Success also verifies the user's mail address.
            """,
        requirement: .right(.login),
        retryClass: .effect,
        isUniform: true,
        errors: AuthenticationResult.errors
    )
}

/// The texts of a mail instead of the application's template (`email_content`).
public struct EmailContent: WireObject, Hashable {
    /// The subject, without which there is no mail.
    public var subject = ""
    /// The main colour, such as `#6981FF`.
    public var primaryColor: String?
    /// The logo in Base64.
    public var base64Logo: String?
    /// The heading.
    public var headerText: String?
    /// The text above the code or the button.
    public var bodyText: String?
    /// The label of the button in mails with a link.
    public var linkText: String?
    /// The text below.
    public var infoText: String?
    /// The text at the end.
    public var footerText: String?
    /// The name of the sender.
    public var senderName: String?

    /// All members blank.
    public init() {}

    /// A mail with this subject; the other members are set afterwards.
    public init(subject: String) { self.subject = subject }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required("subject", &subject, .text(1...1024), doc: "The subject.")
        try members.optional(
            "primaryColor",
            &primaryColor,
            .formed(.hexColor, 4...7),
            doc: "The main colour, such as `#6981FF`."
        )
        try members.optional("base64logo", &base64Logo, .text(0...20_000), doc: "The logo in Base64.")
        try members.optional("headerText", &headerText, .text(0...4096), doc: "The heading.")
        try members.optional("bodyText", &bodyText, .text(0...16_384), doc: "The text above the code or the button.")
        try members.optional(
            "linkText",
            &linkText,
            .text(0...1024),
            doc: "The label of the button, in mails with a link."
        )
        try members.optional("infoText", &infoText, .text(0...4096), doc: "The text below the code or the button.")
        try members.optional("footerText", &footerText, .text(0...4096), doc: "The text at the end.")
        try members.optional("senderName", &senderName, .text(0...256), doc: "The name of the sender.")
    }
}
