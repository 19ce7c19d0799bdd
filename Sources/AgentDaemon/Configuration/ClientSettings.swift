package import MosaicAPI
package import Secrets

/// A `[Client NAME]` section: one Mosaic client that the agent acts as. Its secret is not part of it.
package struct ClientSettings: Sendable, Hashable {
    /// Where the client's secret comes from.
    package enum SecretSource: Sendable, Hashable {
        /// `ClientSecretFile=`: an absolute path, read again on each reload.
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

        /// The method with its secret.
        package func authentication(with secret: Secret) -> ClientAuthentication {
            switch self {
            case .clientSecretPost: .clientSecretPost(secret)
            case .clientSecretBasic: .clientSecretBasic(secret)
            }
        }
    }

    /// The section's name: ``SectionKind/nameSyntax``.
    package let name: String
    /// `Region=`, or `BaseURL=`, `TokenURL=`, `JWKSURL=` and `Issuer=`.
    package let endpoints: MosaicEndpoints
    /// `ClientID=`
    package let clientID: String
    /// `ClientSecretFile=`, or the service credential.
    package let secretSource: SecretSource
    /// `Authentication=`
    package let authenticationMethod: AuthenticationMethod
    /// `CAFile=`: absolute path of the only authorities trusted for this client; nil for the system's.
    package let caFile: String?
    /// `Proxy=`
    package let proxy: TransportConfiguration.Proxy?
}
