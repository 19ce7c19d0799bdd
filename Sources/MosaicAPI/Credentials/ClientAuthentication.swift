package import Secrets

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
