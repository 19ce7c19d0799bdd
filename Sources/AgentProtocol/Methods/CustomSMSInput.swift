public import StrictJSON

/// The text and the sender of a message to a phone (`custom_sms_input`).
public struct CustomSMSInput: WireObject, Hashable {
    /// The text, with `{otp}` and `{app}` where code and application belong.
    public var customMessage: String?
    /// The sender that the phone shows, where the country supports it.
    public var senderID: String?

    /// Text and sender; both may be missing.
    public init(customMessage: String? = nil, senderID: String? = nil) {
        self.customMessage = customMessage
        self.senderID = senderID
    }

    /// The schema of `custom_sms_input`.
    public static let fields: [Field] = [
        Field(
            "custom_message",
            .formed(.smsTemplate, 10...560),
            doc: "The text, with `{otp}` and `{app}` where code and application belong."
        ),
        Field(
            "sender_id",
            .formed(.characters(11), 1...44),
            doc: "The sender that the phone shows; not every country supports it."
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        customMessage = try object.optionalText("custom_message")
        senderID = try object.optionalText("sender_id")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("custom_message", customMessage)
        writer.member("sender_id", senderID)
    }
}
