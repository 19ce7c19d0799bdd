import Crypto
package import Secrets
import StrictJSON

/// How a client proves itself at the token endpoint (E1).
package enum ClientAuthentication: Sendable, Hashable {
    /// Client ID and secret as fields of the form, as in all of Mosaic's examples.
    case clientSecretPost(Secret)
    /// Client ID and secret in the `Authorization` header (RFC 6749, section 2.3.1).
    case clientSecretBasic(Secret)
    /// Client ID and an assertion signed with the client's private key (RFC 7523).
    case privateKeyJWT(ClientAssertion)
    /// Client ID, and on the TLS connection a certificate of a registered authority (RFC 8705, section 2.1).
    case tlsClientAuth(ClientCertificate)
    /// Client ID, and on the TLS connection a certificate that is registered itself (RFC 8705, section 2.2).
    case selfSignedTLSClientAuth(ClientCertificate)

    /// The method's name in OAuth and in the configuration.
    package var name: String {
        switch self {
        case .clientSecretPost: "client_secret_post"
        case .clientSecretBasic: "client_secret_basic"
        case .privateKeyJWT: "private_key_jwt"
        case .tlsClientAuth: "tls_client_auth"
        case .selfSignedTLSClientAuth: "self_signed_tls_client_auth"
        }
    }

    /// What the client's connections show: all of them, as an access token may be bound to it (RFC 8705, section 3).
    package var certificate: ClientCertificate? {
        switch self {
        case .tlsClientAuth(let certificate), .selfSignedTLSClientAuth(let certificate): certificate
        case .clientSecretPost, .clientSecretBasic, .privateKeyJWT: nil
        }
    }

    /// The request for a client access token: the client-credentials grant of E1.
    ///
    /// - Parameters:
    ///   - tokenURL: The token endpoint.
    ///   - clientID: The client's identifier.
    ///   - resource: The resource URI that becomes the token's `aud`; `nil` for the identity APIs.
    ///   - clockOffset: Seconds by which the other end's clock is ahead of ours.
    /// - Throws: `credentialRejected` when the private key cannot sign.
    package func tokenRequest(
        to tokenURL: ServiceURL,
        clientID: String,
        resource: String?,
        clockOffset: Int64 = 0
    ) throws(APIFailure) -> UpstreamRequest {
        var fields = [FormField("grant_type", "client_credentials")]
        if let resource { fields.append(FormField("resource", resource)) }
        let proof = try form(fields, clientID: clientID, clockOffset: clockOffset)
        return UpstreamRequest(.post, tokenURL, authorization: proof.authorization, body: proof.body)
    }

    /// A form in which the client proves itself, as at the token endpoint (E1, E4).
    ///
    /// - Parameters:
    ///   - fields: What the client asks for; its own fields are added behind them.
    ///   - clockOffset: Seconds by which the other end's clock is ahead of ours.
    /// - Throws: `credentialRejected` when the private key cannot sign.
    func form(
        _ fields: [FormField],
        clientID: String,
        clockOffset: Int64 = 0
    ) throws(APIFailure) -> (authorization: UpstreamRequest.Authorization, body: UpstreamRequest.Body) {
        var form = FormWriter()
        for field in fields { form.add(field.name, field.value) }
        let authorization: UpstreamRequest.Authorization
        switch self {
        case .clientSecretPost(let secret):
            form.add("client_id", clientID.utf8)
            form.add("client_secret", secret)
            authorization = .none
        case .clientSecretBasic(let secret):
            authorization = .basic(Self.basicCredentials(clientID: clientID, secret: secret))
        case .privateKeyJWT(let assertion):
            form.add("client_id", clientID.utf8)
            form.add("client_assertion_type", ClientAssertion.type.utf8)
            form.add("client_assertion", try Self.signed(assertion, clientID: clientID, clockOffset: clockOffset))
            authorization = .none
        case .tlsClientAuth, .selfSignedTLSClientAuth:
            form.add("client_id", clientID.utf8)
            authorization = .none
        }
        return (authorization, .form(form.finish()))
    }

    /// The client secret, if the client has one.
    var secret: Secret? {
        switch self {
        case .clientSecretPost(let secret), .clientSecretBasic(let secret): secret
        case .privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth: nil
        }
    }

    private static func signed(
        _ assertion: ClientAssertion,
        clientID: String,
        clockOffset: Int64
    ) throws(APIFailure) -> Secret {
        do {
            return try assertion.make(clientID: clientID, clockOffset: clockOffset)
        } catch {
            // The key could sign when it was read; whatever it is now, no other credential will do.
            throw APIFailure(.credentialRejected, outcome: .notSent)
        }
    }

    /// ID and secret, each form-encoded, joined by a colon and put into Base64.
    ///
    /// RFC 6749 asks for the form encoding before RFC 7617's joining, so a colon or a percent sign in either part
    /// cannot shift the border between them.
    static func basicCredentials(clientID: String, secret: Secret) -> Secret {
        var plain: [UInt8] = []
        for byte in clientID.utf8 { FormWriter.append(byte, to: &plain) }
        plain.append(UInt8(ascii: ":"))
        FormWriter.append(secret, to: &plain)
        var encoded = Base64.encode(plain)
        plain.wipe()
        return Secret(consuming: &encoded)
    }
}

extension ClientAuthentication {
    /// Stands for everything that an access token is fetched with: SHA-256 over the method, the credential, the client, the
    /// token endpoint and the resource.
    ///
    /// Two digests agree only if a token fetched with the one would be good for the other. Each part has its length in
    /// front, so that none can run into the next.
    package func digest(clientID: String, tokenURL: ServiceURL, resource: String?) -> [UInt8] {
        var hash = SHA256()
        func add(_ bytes: [UInt8]) {
            hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) })
            hash.update(data: bytes)
        }
        add(Array(name.utf8))
        switch self {
        case .clientSecretPost(let secret), .clientSecretBasic(let secret):
            var bytes = secret.withBytes { span in span.indices.map { span[$0] } }
            add(bytes)
            bytes.wipe()
        case .privateKeyJWT(let assertion):
            for part in assertion.identity { add(part) }
        case .tlsClientAuth(let certificate), .selfSignedTLSClientAuth(let certificate):
            for der in certificate.chain.encodings { add(der) }
        }
        add(Array(clientID.utf8))
        add(Array(tokenURL.description.utf8))
        add(Array((resource ?? "").utf8))
        return Array(hash.finalize())
    }
}

/// One field of a form, or one member of a JSON object, whose value may be secret.
package struct FormField: Sendable {
    /// The field's name.
    package let name: String
    /// Its value in UTF-8.
    package let value: Secret

    /// A field with a secret.
    package init(_ name: String, _ value: Secret) {
        self.name = name
        self.value = value
    }

    /// A field with text that is no secret.
    package init(_ name: String, _ value: String) {
        self.init(name, Secret(copying: value.utf8))
    }
}

extension UpstreamRequest.Body {
    /// A JSON object with the fields as strings, and the client's ID and secret behind them (E16).
    static func object(_ fields: [FormField], clientID: String, secret: Secret) -> UpstreamRequest.Body {
        let fields = fields + [FormField("client_id", clientID), FormField("client_secret", secret)]
        return .object(capacity: fields.reduce(64) { $0 + $1.name.utf8.count + 6 * $1.value.count + 6 }) { writer in
            for field in fields { writer.field(field.name, field.value) }
        }
    }
}
