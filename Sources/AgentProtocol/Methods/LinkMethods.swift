public import Secrets
public import StrictJSON

/// `link.send`: have a magic link sent to a user (Mosaic E18, identifier form).
public enum LinkSend: AgentMethod {
    /// The user, the target of the link and the text.
    public struct Parameters: WireObject {
        /// The user.
        public var user: Target
        /// The registered URI that receives the code.
        public var redirectURI: String
        /// The way that the link goes; nil is a mail.
        public var channel: LinkChannel?
        /// What is appended to the redirect.
        public var state: String?
        /// The lifetime of the link in minutes.
        public var emailExpiration: Int?
        /// What every message to a user can say.
        public var options = MessageOptions()

        /// A link for `user` that leads to `redirectURI`; the other parameters are set afterwards.
        public init(user: Target, redirectURI: String) {
            self.user = user
            self.redirectURI = redirectURI
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            IdentifiedUser.fields + [
                .required(
                    "redirect_uri",
                    .text(1...2048),
                    doc: "The URI that receives the code. It must be registered at Mosaic."
                ),
                Field(
                    "channel",
                    .choice(["email", "direct"]),
                    right: FieldRight(.linkDirect, whenValueIs: "direct"),
                    doc:
                        "The way that the link goes: to the mailbox, or `direct`ly into the result. Default: what Mosaic "
                        + "takes for it, a mail."
                ),
                Field(
                    "state",
                    .text(1...1024),
                    doc: "Appended to the redirect, for the application to see that it asked for the link itself."
                ),
                Field(
                    "email_expiration",
                    .integer(1...10_080),
                    doc: "The lifetime of the link in minutes. Default: what the application has set up at Mosaic."
                ),
            ] + MessageOptions.fields

        /// Takes the values of the members.
        ///
        /// - Throws: also when a member does not go with the channel.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(IdentifiedUser.rule)
            redirectURI = try object.text("redirect_uri")
            channel = try object.optionalText("channel").map { LinkChannel($0) }
            state = try object.optionalText("state")
            emailExpiration = try object.optionalInteger("email_expiration").map { Int($0) }
            options = try MessageOptions(reading: object)
            if channel == .direct, options.emailContent != nil {
                throw SchemaViolation(.only("with the channel \(LinkChannel.email)"), at: "email_content")
            }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, IdentifiedUser.rule)
            writer.member("redirect_uri", redirectURI)
            writer.member("channel", channel?.name)
            writer.member("state", state)
            writer.member("email_expiration", emailExpiration)
            options.encodeMembers(to: &writer)
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

        /// A send that was taken on.
        public init(requestID: String? = nil, link: Secret? = nil, code: Secret? = nil, reason: String? = nil) {
            self.requestID = requestID
            self.link = link
            self.code = code
            self.reason = reason
        }

        /// The members beside the verdict.
        public static let fields: [Field] = [
            Field("request_id", .anyText, doc: "What the link is bound to, if `generate_request_id` was true."),
            Field("link", .anyText, isSensitive: true, doc: "The link, with the channel `direct`, if Mosaic gives it."),
            Field(
                "code",
                .anyText,
                isSensitive: true,
                doc: "The code of the link, with the channel `direct`, if Mosaic gives it."
            ),
            .reason, .replayed,
        ]

        /// When this is the result.
        public static let acceptedDoc =
            "The link is on its way, if the user exists, is active and has an address for it. The answer does not say "
            + "whether."

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            requestID = try object.optionalText("request_id")
            link = try object.optionalSecret("link")
            code = try object.optionalSecret("code")
            reason = try object.optionalText("reason")
            replayed = try object.optionalBoolean("replayed")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("request_id", requestID)
            writer.member("link", link)
            writer.member("code", code)
            writer.member("reason", reason)
            writer.member("replayed", replayed)
        }
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
        public var code: Secret
        /// The optional parameters.
        public var options: AuthenticationOptions

        /// The parameters of a login with a link.
        public init(code: Secret, options: AuthenticationOptions = AuthenticationOptions()) {
            self.code = code
            self.options = options
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [
                .required(
                    "code",
                    .text(1...4096),
                    isSensitive: true,
                    doc: "The code that the application's page received in the parameter `code`."
                )
            ] + AuthenticationOptions.fields

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            code = try object.secret("code")
            options = try AuthenticationOptions(reading: object)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("code", code)
            options.encodeMembers(to: &writer)
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
    public var subject: String
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

    /// A mail with this subject; the other members are set afterwards.
    public init(subject: String) { self.subject = subject }

    /// The schema of `email_content`.
    public static let fields: [Field] = [
        .required("subject", .text(1...1024), doc: "The subject."),
        Field("primaryColor", .formed(.hexColor, 4...7), doc: "The main colour, such as `#6981FF`."),
        Field("base64logo", .text(0...20_000), doc: "The logo in Base64."),
        Field("headerText", .text(0...4096), doc: "The heading."),
        Field("bodyText", .text(0...16_384), doc: "The text above the code or the button."),
        Field("linkText", .text(0...1024), doc: "The label of the button, in mails with a link."),
        Field("infoText", .text(0...4096), doc: "The text below the code or the button."),
        Field("footerText", .text(0...4096), doc: "The text at the end."),
        Field("senderName", .text(0...256), doc: "The name of the sender."),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        subject = try object.text("subject")
        primaryColor = try object.optionalText("primaryColor")
        base64Logo = try object.optionalText("base64logo")
        headerText = try object.optionalText("headerText")
        bodyText = try object.optionalText("bodyText")
        linkText = try object.optionalText("linkText")
        infoText = try object.optionalText("infoText")
        footerText = try object.optionalText("footerText")
        senderName = try object.optionalText("senderName")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("subject", subject)
        writer.member("primaryColor", primaryColor)
        writer.member("base64logo", base64Logo)
        writer.member("headerText", headerText)
        writer.member("bodyText", bodyText)
        writer.member("linkText", linkText)
        writer.member("infoText", infoText)
        writer.member("footerText", footerText)
        writer.member("senderName", senderName)
    }
}
