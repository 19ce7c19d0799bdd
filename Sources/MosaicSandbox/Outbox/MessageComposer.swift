import Foundation

/// Writes the messages of an app to a user: Mosaic's default texts in the sandbox's words, or the caller's own.
struct MessageComposer: Sendable {
    let app: AppRecord
    let userID: String
    let now: Date

    /// A mail with a code.
    func mail(
        _ kind: OutboxMessage.Kind,
        to address: String,
        code: String,
        minutes: Double,
        style: MailStyle
    )
        -> OutboxMessage
    {
        mail(
            kind,
            to: address,
            code: code,
            link: nil,
            style,
            text: "Your code for \(app.name) is \(code)\n\nIt works once, for \(Self.span(minutes))."
        )
    }

    /// A mail with a link.
    ///
    /// - Parameter code: what the link brings to the redirect URI.
    func mail(
        _ kind: OutboxMessage.Kind,
        to address: String,
        link: String,
        code: String,
        minutes: Double,
        style: MailStyle
    ) -> OutboxMessage {
        let purpose = kind == .magicLink ? "sign in to" : "choose a new password for"
        return mail(
            kind,
            to: address,
            code: code,
            link: link,
            style,
            text: "Use this link to \(purpose) \(app.name):\n\n\(link)\n\nIt works once, for \(Self.span(minutes))."
        )
    }

    /// A mail that tells of a new password.
    func passwordNotice(to address: String, look: MessageLook?) -> OutboxMessage {
        mail(
            .passwordUpdated,
            to: address,
            code: nil,
            link: nil,
            MailStyle(look: look, subject: "Your password for \(app.name) was changed"),
            text: "Your password for \(app.name) was changed.\n\nIf it was not you, tell \(app.name) at once."
        )
    }

    /// An SMS with a code.
    func sms(
        _ kind: OutboxMessage.Kind,
        to number: String,
        code: String,
        minutes: Double,
        custom: CustomSMS? = nil
    )
        -> OutboxMessage
    {
        OutboxMessage(
            time: now,
            channel: .sms,
            kind: kind,
            recipient: number,
            recipientKey: Identifiers.emailKey(number),
            sender: custom?.senderID,
            text: custom?.text(code: code, app: app.name)
                ?? "\(code) is your code for \(app.name). It works once, for \(Self.span(minutes)).",
            code: code,
            userID: userID
        )
    }

    private func mail(
        _ kind: OutboxMessage.Kind,
        to address: String,
        code: String?,
        link: String?,
        _ style: MailStyle,
        text: String
    ) -> OutboxMessage {
        // A link's code is not part of the mail: the link brings it.
        OutboxMessage(
            time: now,
            channel: .email,
            kind: kind,
            recipient: address,
            recipientKey: Identifiers.emailKey(address),
            sender: style.content?.senderName ?? style.look?.from ?? "\(app.name) <no-reply@mosaic-sandbox.invalid>",
            subject: style.content?.subject ?? style.look?.subject ?? style.subject,
            text: style.content?.text(code: link == nil ? code : nil, link: link) ?? text,
            code: code,
            link: link,
            userID: userID
        )
    }

    /// "5 minutes", "1 minute", "0.5 minutes".
    private static func span(_ minutes: Double) -> String {
        minutes == 1 ? "1 minute" : "\(minutes.formatted(.number.grouping(.never))) minutes"
    }
}

/// Where a mail's looks come from: the call, else the app's settings, else the sandbox.
struct MailStyle: Sendable {
    var content: EmailContent?
    var look: MessageLook?
    /// The subject when neither has one.
    var subject: String
}

/// A caller's own mail in place of the default template (contract 3.10, `email_content`).
struct EmailContent: Sendable {
    private static let textMembers = ["headerText", "bodyText", "linkText", "infoText", "footerText", "senderName"]

    var subject: String
    var senderName: String?
    /// The texts that were given, by member name.
    private var texts: [String: String] = [:]

    /// Reads the member `email_content`; nil when it is absent.
    init?(_ fields: inout RequestFields) {
        guard var content = fields.object("email_content") else { return nil }
        subject = content.string("subject", required: true, nonEmpty: true) ?? ""
        if let color = content.string("primaryColor"), !Self.isHexColor(color) {
            content.report("email_content.primaryColor must be a hexadecimal color such as #6981FF")
        }
        _ = content.string("base64logo", maximum: 20_000)
        for name in Self.textMembers { texts[name] = content.string(name) }
        senderName = texts["senderName"]
        fields.absorb(content)
    }

    /// The text as a person reads it: members left out render empty.
    ///
    /// - Parameters:
    ///   - code: the passcode, for mails that carry one.
    ///   - link: the link, for mails that carry one.
    func text(code: String? = nil, link: String? = nil) -> String {
        let action = link.map { link in texts["linkText"].map { "\($0): \(link)" } ?? link } ?? code
        return [texts["headerText"], texts["bodyText"], action, texts["infoText"], texts["footerText"]]
            .compactMap { $0 }
            .filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }

    private static func isHexColor(_ text: String) -> Bool {
        text.first == "#" && [3, 6].contains(text.utf8.count - 1) && text.dropFirst().allSatisfy(\.isHexDigit)
    }
}

/// A caller's own SMS in place of the default text (contract 3.10, `custom_sms_input`).
struct CustomSMS: Sendable {
    var message: String
    var senderID: String?

    /// Reads the member `custom_sms_input`; nil when it is absent.
    init?(_ fields: inout RequestFields) {
        guard var input = fields.object("custom_sms_input") else { return nil }
        message = input.string("custom_message", required: true, nonEmpty: true) ?? ""
        if message.unicodeScalars.count > 140 {
            input.report("custom_sms_input.custom_message must be shorter than or equal to 140 characters")
        }
        if !message.isEmpty && !(message.contains("{otp}") && message.contains("{app}")) {
            input.report("custom_sms_input.custom_message must contain {otp} and {app}")
        }
        senderID = input.string("sender_id", nonEmpty: true, maximum: 11)
        fields.absorb(input)
    }

    /// The text of the SMS.
    func text(code: String, app: String) -> String {
        message.replacing("{otp}", with: code).replacing("{app}", with: app)
    }
}
