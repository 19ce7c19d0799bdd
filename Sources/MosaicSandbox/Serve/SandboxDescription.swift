package import Foundation

/// The content of `sandbox.json`: where a running sandbox is and how to use it. Written last, when it serves; removed on exit.
package struct SandboxDescription: Sendable, Codable, Equatable {
    /// The base of CIS calls, with `/cis`.
    package var baseURL: String
    package var tokenURL: String
    package var jwksURL: String
    package var issuer: String
    /// PEM file of the CA to trust; nil over plain http.
    package var caFile: String?
    package var clientID: String
    /// File with the client's secret; the secret itself stands nowhere else.
    package var clientSecretFile: String
    package var appID: String
    package var tenantID: String
    /// Base of the control routes.
    package var adminURL: String
    /// What the control routes want in `X-Sandbox-Token`.
    package var adminToken: String
    package var processID: Int32

    enum CodingKeys: String, CodingKey {
        case issuer
        case baseURL = "base_url"
        case tokenURL = "token_url"
        case jwksURL = "jwks_url"
        case caFile = "ca_file"
        case clientID = "client_id"
        case clientSecretFile = "client_secret_file"
        case appID = "app_id"
        case tenantID = "tenant_id"
        case adminURL = "admin_url"
        case adminToken = "admin_token"
        case processID = "pid"
    }

    /// The page that shows mail and SMS, with the token in the fragment: the holder of this address controls the sandbox.
    package var outboxURL: String { OutboxPage.address(adminURL: adminURL, token: adminToken) }

    /// The JSON text.
    package var text: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + Data("\n".utf8)
        }
    }

    /// What a person needs to know to use the sandbox.
    package var guide: String {
        let trust = caFile.map { "CAFile=\($0)\n" } ?? "InsecureHTTP=yes\n"
        return """
            The Mosaic sandbox serves at \(baseURL)
            It is a local stand-in: nothing leaves this machine, and its tokens are worth nothing elsewhere.

              token endpoint  \(tokenURL)
              key set         \(jwksURL)
              client ID       \(clientID)
              client secret   in \(clientSecretFile)
              app, tenant     \(appID), \(tenantID)
              control routes  \(adminURL) (token in sandbox.json)
              outbox          \(outboxURL)

            For mosaicd.conf:

            [Client default]
            BaseURL=\(baseURL)
            TokenURL=\(tokenURL)
            JWKSURL=\(jwksURL)
            Issuer=\(issuer)
            ClientID=\(clientID)
            ClientSecretFile=\(clientSecretFile)
            \(trust)
            Stop it with Ctrl-C or SIGTERM. Control it with: mosaic-sandbox status|outbox|faults|clock|users|… --state DIR

            """
    }
}
