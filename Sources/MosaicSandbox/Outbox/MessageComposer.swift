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
