package import MosaicAPI

/// A `[Client NAME]` section: one Mosaic client that the agent acts as. Its secret or key is not part of it.
package struct ClientSettings: Sendable, Hashable {
    /// Where the client's secret, private key or certificate comes from.
    package enum SecretSource: Sendable, Hashable {
        /// `ClientSecretFile=`, `ClientKeyFile=` or `ClientCertificateFile=`: an absolute path, read again on each reload.
        case file(String)
        /// The service credential of this name (`LoadCredential=`), fixed until the service restarts.
        case credential(String)
    }

    /// `Authentication=`: how the client proves itself.
    package enum AuthenticationMethod: String, Sendable, CaseIterable {
        /// ID and secret in the form.
        case clientSecretPost = "client_secret_post"
        /// ID and secret in the `Authorization` header.
        case clientSecretBasic = "client_secret_basic"
        /// An assertion signed with the client's private key.
        case privateKeyJWT = "private_key_jwt"
        /// A certificate of a registered authority on the TLS connection.
        case tlsClientAuth = "tls_client_auth"
        /// A certificate that is registered itself on the TLS connection.
        case selfSignedTLSClientAuth = "self_signed_tls_client_auth"
    }

    /// The certificate that the client's connections show.
    package struct Certificate: Sendable, Hashable {
        /// `ClientCertificateFile=`, or the service credential.
        package let source: SecretSource
        /// `CertificateExpiryWarning=`
        package let expiryWarning: Duration
    }

    /// What assertions say beside who the client is.
    package struct Assertion: Sendable, Hashable {
        /// `ClientKeyID=`
        package let keyID: String
        /// `AssertionAudience=`, or else the URL of the token endpoint.
        package let audience: String
    }

    /// The section's name: ``SectionKind/nameSyntax``.
    package let name: String
    /// `Region=`, or `BaseURL=`, `TokenURL=`, `JWKSURL=` and `Issuer=`.
    package let endpoints: MosaicEndpoints
    /// `ClientID=`
    package let clientID: String
    /// `ClientSecretFile=` or `ClientKeyFile=`, or the service credential.
    package let secretSource: SecretSource
    /// `Authentication=`
    package let authenticationMethod: AuthenticationMethod
    /// What goes with `private_key_jwt`; nil with every other method.
    package let assertion: Assertion?
    /// What goes with the two methods that use TLS; nil with every other.
    package let certificate: Certificate?
    /// `CAFile=`: absolute path of the only authorities trusted for this client; nil for the system's.
    package let caFile: String?
    /// `Proxy=`
    package let proxy: TransportConfiguration.Proxy?
}
