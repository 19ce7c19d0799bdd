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
