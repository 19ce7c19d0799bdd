public import StrictJSON

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
