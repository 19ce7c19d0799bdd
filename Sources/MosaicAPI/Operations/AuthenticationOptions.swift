package import Secrets
package import StrictJSON

/// The optional fields that E19 and E21 share.
package struct AuthenticationOptions: Sendable {
    /// The request ID of the send call, mandatory once it was generated there.
    package var requestID: String?
    /// An existing session to join, for a second factor.
    package var sessionID: Secret?
    /// The organization of a B2B member.
    package var organizationID: String?
    /// The resource URI that becomes the `aud` of the user's access token.
    package var resource: String?
    /// The `claims` object, forwarded as it was written.
    package var claims: JSONText?
    /// The `client_attributes` object.
    package var clientAttributes: JSONText?
    /// The device that the end user uses.
    package var deviceID: String?

    /// No options; they are set afterwards.
    package init() {}

    /// More bytes than the fields take as JSON, unless nearly all of their characters need escapes.
    var size: Int {
        let texts = [requestID, organizationID, resource, deviceID].reduce(0) { $0 + 2 * ($1?.utf8.count ?? 0) }
        return 256 + texts + 2 * (sessionID?.count ?? 0) + (claims?.bytes.count ?? 0)
            + (clientAttributes?.bytes.count ?? 0)
    }

    /// Writes the fields that were given.
    func write(to writer: inout JSONWriter) {
        writer.field("request_id", requestID)
        writer.field("session_id", sessionID)
        writer.field("org_id", organizationID)
        writer.field("resource", resource)
        writer.field("claims", claims)
        writer.field("client_attributes", clientAttributes)
        writer.field("device_id", deviceID)
    }
}
