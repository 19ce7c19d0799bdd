import Secrets
import StrictJSON

extension PasswordAuthenticateOperation {
    /// The body of E17: Mosaic's field names, and no field that was not given.
    func body() -> UpstreamRequest.Body {
        var writer = JSONWriter(capacity: 256 + 2 * (username.count + password.count) + (claims?.bytes.count ?? 0))
        writer.beginObject()
        writer.key("username")
        writer.secret(username)
        writer.key("password")
        writer.secret(password)
        if let usernameType {
            writer.key("username_type")
            writer.string(usernameType.rawValue)
        }
        if let sessionID {
            writer.key("session_id")
            writer.secret(sessionID)
        }
        if let organizationID {
            writer.key("org_id")
            writer.string(organizationID)
        }
        if let resource {
            writer.key("resource")
            writer.string(resource)
        }
        if let claims {
            writer.key("claims")
            writer.raw(claims)
        }
        if let clientAttributes { Self.write(clientAttributes, to: &writer) }
        writer.endObject()
        return .json(writer.takeSecret())
    }

    private static func write(_ attributes: ClientAttributes, to writer: inout JSONWriter) {
        writer.key("client_attributes")
        writer.beginObject()
        if let userAgent = attributes.userAgent {
            writer.key("user_agent")
            writer.string(userAgent)
        }
        if let ipAddress = attributes.ipAddress {
            writer.key("ip_address")
            writer.string(ipAddress)
        }
        writer.endObject()
    }
}
