public import Secrets
public import StrictJSON

/// The optional parameters that logins with a code and with a link share.
public struct AuthenticationOptions: WireObject {
    /// The `request_id` of the send, needed once one was asked for there.
    public var requestID: String?
    /// An existing session to join, for a further factor.
    public var sessionID: Secret?
    /// The organization a member logs in to.
    public var orgID: String?
    /// The resource URI that becomes the token's audience.
    public var resource: String?
    /// Further claims to be put into the tokens, as in OpenID Connect; passed on as the same text.
    public var claims: JSONText?
    /// What is known of the end user's own client.
    public var clientAttributes: ClientAttributes?
    /// The device that the end user uses.
    public var deviceID: String?

    /// No options; they are set afterwards.
    public init() {}

    /// The schema of the parameters.
    public static let fields: [Field] = [
        .requestID, .joinedSessionID, .orgID, .resource, .claims, .clientAttributes, .deviceID,
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        requestID = try object.optionalText("request_id")
        sessionID = try object.optionalSecret("session_id")
        orgID = try object.optionalText("org_id")
        resource = try object.optionalText("resource")
        claims = try object.optionalJSON("claims")
        clientAttributes = try object.optionalObject("client_attributes")
        deviceID = try object.optionalText("device_id")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("request_id", requestID)
        writer.member("session_id", sessionID)
        writer.member("org_id", orgID)
        writer.member("resource", resource)
        writer.member("claims", claims)
        writer.member("client_attributes", clientAttributes)
        writer.member("device_id", deviceID)
    }
}
