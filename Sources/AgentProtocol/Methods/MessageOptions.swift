public import StrictJSON

/// The optional parameters that sending a code and sending a link share.
public struct MessageOptions: WireObject, Hashable {
    /// Whether the code or link is bound to this call.
    public var generateRequestID: Bool?
    /// The texts of the mail.
    public var emailContent: EmailContent?
    /// What is known of the end user's own client.
    public var clientAttributes: ClientAttributes?
    /// The device that the end user uses.
    public var deviceID: String?

    /// Options, none of them needed.
    public init(
        generateRequestID: Bool? = nil,
        emailContent: EmailContent? = nil,
        clientAttributes: ClientAttributes? = nil,
        deviceID: String? = nil
    ) {
        self.generateRequestID = generateRequestID
        self.emailContent = emailContent
        self.clientAttributes = clientAttributes
        self.deviceID = deviceID
    }

    /// The schema of the parameters.
    public static let fields: [Field] = [.generateRequestID, .emailContent, .clientAttributes, .deviceID]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        generateRequestID = try object.optionalBoolean("generate_request_id")
        emailContent = try object.optionalObject("email_content")
        clientAttributes = try object.optionalObject("client_attributes")
        deviceID = try object.optionalText("device_id")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("generate_request_id", generateRequestID)
        writer.member("email_content", emailContent)
        writer.member("client_attributes", clientAttributes)
        writer.member("device_id", deviceID)
    }
}
