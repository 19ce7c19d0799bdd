package import MosaicAPI

/// The keys of `[Client NAME]`, their defaults and ranges.
package enum ClientKeys {
    /// `Region=`
    package static let region = ConfigurationKey(
        "Region",
        ValueSyntax<MosaicRegion>.cases,
        otherwise: "BaseURL is used",
        """
        The Mosaic region of the client, which gives all its URLs. sandbox is Mosaic's own test environment, not the local \
        mosaic-sandbox. Either Region or BaseURL must be set, not both.
        """
    )
    /// `BaseURL=`
    package static let baseURL = ConfigurationKey(
        "BaseURL",
        .url,
        otherwise: "Region is used",
        """
        The base of the identity APIs with its /cis, for custom domains and for the local mosaic-sandbox: \
        https://login.example.com/cis. Either Region or BaseURL must be set, not both.
        """
    )
    /// `TokenURL=`
    package static let tokenURL = ConfigurationKey(
        "TokenURL",
        .url,
        otherwise: "/oidc/token at the host of the base URL",
        "The token endpoint, where the client's secret is sent."
    )
    /// `JWKSURL=`
    package static let jwksURL = ConfigurationKey(
        "JWKSURL",
        .url,
        otherwise: "oidc/jwks below the base URL",
        "The public keys that Mosaic signs tokens with."
    )
    /// `Issuer=`
    package static let issuer = ConfigurationKey(
        "Issuer",
        .issuer,
        otherwise: "the region's issuer where Mosaic documents one, else none",
        """
        The iss claim that tokens carry, compared byte by byte. Applications with a domain or signing key of their own \
        have their own.
        """
    )
    /// `ClientID=`
    package static let clientID = ConfigurationKey(
        "ClientID",
        .clientID,
        otherwise: nil,
        "The client's identifier in Mosaic."
    )
    /// `ClientSecretFile=`
    package static let clientSecretFile = ConfigurationKey(
        "ClientSecretFile",
        .secretPath,
        otherwise: "the service credential NAME.secret",
        """
        A file that holds the client's secret and nothing else (one line feed at its end is dropped): printable ASCII, without \
        blanks at its ends. A carriage return, a byte order mark or UTF-16 is refused. The agent must be \
        able to read it; it must belong to the agent's user or root, have mode 0600 or stricter and be no symbolic link. \
        Without this key the secret comes from the service credential NAME.secret (LoadCredential= or \
        LoadCredentialEncrypted= in the unit). A secret never stands in the configuration itself, in an argument or in \
        the environment.
        """
    )
    /// `ClientKeyFile=`
    package static let clientKeyFile = ConfigurationKey(
        "ClientKeyFile",
        .secretPath,
        otherwise: "the service credential NAME.key",
        """
        With private_key_jwt and the two methods that use TLS, a file that holds the private key and nothing else, in PEM \
        form (PKCS#8), not encrypted: RSA of at least 2048 bits or P-256, for TLS also P-384. Text around the PEM block, such \
        as the Bag Attributes of openssl pkcs12, is passed over; a second block, such as a certificate, is refused. Owner, \
        mode and links of the file are as for ClientSecretFile. The public half, or the certificate, is registered with the client at Mosaic.
        """
    )
    /// `ClientKeyID=`
    package static let clientKeyID = ConfigurationKey(
        "ClientKeyID",
        .keyID,
        otherwise: "must be set with private_key_jwt",
        "With private_key_jwt, the kid under which the public half of the key is registered."
    )
    /// `AssertionAudience=`
    package static let assertionAudience = ConfigurationKey(
        "AssertionAudience",
        .audience,
        otherwise: "the URL of the token endpoint",
        """
        With private_key_jwt, the aud claim of the client's assertions, compared byte by byte by Mosaic. To be set where the \
        token endpoint is reached under another name than Mosaic knows it by.
        """
    )
    /// `ClientCertificateFile=`
    package static let clientCertificateFile = ConfigurationKey(
        "ClientCertificateFile",
        .path,
        otherwise: "the service credential NAME.crt",
        """
        With tls_client_auth and self_signed_tls_client_auth, a PEM file with the certificate that the client shows on all \
        its connections, and behind it those that lead to the authority, if any. It must belong to root or the agent and \
        be writable by no one else.
        """
    )
    /// `CertificateExpiryWarning=`
    package static let certificateExpiryWarning = DefaultedKey(
        "CertificateExpiryWarning",
        .timeSpan(.zero ... .seconds(365 * 86_400), example: "14d"),
        fallback: .seconds(28 * 86_400),
        "How long before its certificate expires the client's health is degraded, to have it replaced in time."
    )
    /// `Authentication=`
    package static let authentication = DefaultedKey(
        "Authentication",
        .authentication,
        fallback: .clientSecretPost,
        """
        How the client proves itself at the token endpoint: its secret in the form, or in the Authorization header; an \
        assertion that it signs with its private key, which never leaves the agent; or a certificate on the TLS connection, \
        from a registered authority or registered itself. It must agree with the client's settings in Mosaic.
        """
    )
    /// `CAFile=`
    package static let caFile = ConfigurationKey(
        "CAFile",
        .path,
        otherwise: "the system's certification authorities",
        """
        A PEM file with the certification authorities that are trusted for this client in place of the system's. It must \
        belong to root or the agent and be writable by no one else.
        """
    )
    /// `Proxy=`
    package static let proxy = ConfigurationKey(
        "Proxy",
        .proxy,
        otherwise: "no proxy; proxy variables of the environment are ignored",
        """
        An HTTP proxy through which this client's encrypted connections are tunnelled (CONNECT). Not together with \
        InsecureHTTP=yes: without encryption the proxy would read the secret.
        """
    )
    /// `InsecureHTTP=`
    package static let insecureHTTP = DefaultedKey(
        "InsecureHTTP",
        .boolean,
        fallback: false,
        """
        Lets the URLs of this client be plain http, for a test server on this host: only to a literal 127.0.0.0/8 address or \
        [::1], and without a Proxy. Passwords and the client's secret then travel unencrypted, and the agent's health is \
        degraded.
        """
    )

    /// All of them, in the order of the manual.
    package static let all: [KeyDescription] = [
        region.description, baseURL.description, tokenURL.description, jwksURL.description, issuer.description,
        clientID.description, clientSecretFile.description, authentication.description,
        clientKeyFile.description, clientKeyID.description, assertionAudience.description,
        clientCertificateFile.description, certificateExpiryWarning.description, caFile.description, proxy.description,
        insecureHTTP.description,
    ]
}
