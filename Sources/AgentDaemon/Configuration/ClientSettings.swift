import ConfigurationFiles
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

extension ClientSettings {
    /// Reads the section; nil if something without which there is no client is missing or wrong, which is reported there.
    init?(reading reader: inout SectionReader) {
        let allowInsecure = reader.value(ClientKeys.insecureHTTP)
        let clientID = reader.required(ClientKeys.clientID)
        let base = Self.base(&reader, allowInsecure: allowInsecure)
        let tokenURL = Self.url(ClientKeys.tokenURL, &reader, allowInsecure: allowInsecure)
        let jwksURL = Self.url(ClientKeys.jwksURL, &reader, allowInsecure: allowInsecure)
        let issuer = reader.setting(ClientKeys.issuer).value
        guard let base, let clientID = clientID.value else { return nil }

        self.name = reader.section.name
        self.endpoints =
            switch base {
            case .region(let region):
                MosaicEndpoints(region: region, tokenURL: tokenURL, jwksURL: jwksURL, issuer: issuer)
            case .url(let url):
                MosaicEndpoints(baseURL: url, tokenURL: tokenURL, jwksURL: jwksURL, issuer: issuer)
            }
        self.clientID = clientID
        let method = reader.value(ClientKeys.authentication)
        self.authenticationMethod = method
        let proof = ClientProofReader(method: method, endpoints: endpoints, client: name)
        proof.warnOfUnused(&reader)
        self.secretSource = proof.secretSource(reader)
        self.certificate = method.usesCertificate ? proof.certificate(&reader) : nil
        let assertion = method == .privateKeyJWT ? proof.assertion(&reader) : nil
        if method == .privateKeyJWT, assertion == nil { return nil }
        self.assertion = assertion
        self.caFile = reader.setting(ClientKeys.caFile).value
        let proxy = reader.setting(ClientKeys.proxy)
        self.proxy = proxy.value
        if proxy.isSet, allowInsecure {
            reader.report(
                ClientKeys.proxy.name,
                at: proxy.place,
                "is set beside \(ClientKeys.insecureHTTP.name)=yes: what is not encrypted, the client's secret and passwords "
                    + "among it, would be readable for the proxy and on the way to it",
                allowed: "one of the two"
            )
        }
        if endpoints.isInsecure {
            reader.report(
                ClientKeys.insecureHTTP.name,
                at: reader.setting(ClientKeys.insecureHTTP.key).place,
                "is used: passwords and the client's secret travel unencrypted on this host, and health is degraded",
                severity: .warning
            )
        }
    }

    private enum Base {
        case region(MosaicRegion)
        case url(ServiceURL)
    }

    private static func base(_ reader: inout SectionReader, allowInsecure: Bool) -> Base? {
        let region = reader.setting(ClientKeys.region)
        let text = reader.setting(ClientKeys.baseURL)
        let url = url(ClientKeys.baseURL, &reader, allowInsecure: allowInsecure)
        if let url, !url.path.hasSuffix("/cis") {
            reader.report(
                ClientKeys.baseURL.name,
                at: text.place,
                "does not end in /cis",
                allowed: "the base of the identity APIs, such as https://login.example.com/cis"
            )
        }
        switch (region.place, text.place) {
        case (let place?, _?):
            reader.report(
                ClientKeys.region.name,
                at: place,
                "is set beside \(ClientKeys.baseURL.name)=",
                allowed: "one of the two"
            )
            return nil
        case (nil, nil):
            reader.report(
                ClientKeys.region.name,
                at: nil,
                "must be set, or \(ClientKeys.baseURL.name)=",
                allowed: ClientKeys.region.syntax.allowed
            )
            return nil
        default:
            return region.value.map { .region($0) } ?? url.map { .url($0) }
        }
    }

    /// The URL, checked again with what `InsecureHTTP=` says: the first check could not know.
    private static func url(
        _ key: ConfigurationKey<String>,
        _ reader: inout SectionReader,
        allowInsecure: Bool
    ) -> ServiceURL? {
        let setting = reader.setting(key)
        guard let text = setting.value else { return nil }
        do { return try ServiceURL(text, allowInsecureHTTP: allowInsecure) } catch {
            reader.report(
                key.name,
                at: setting.place,
                "is plain http",
                allowed:
                    "https, or http to a literal 127.0.0.0/8 address or [::1] with \(ClientKeys.insecureHTTP.name)=yes"
            )
            return nil
        }
    }
}

extension ClientSettings.AuthenticationMethod {
    /// Whether the client has a private key in place of a secret.
    var usesPrivateKey: Bool { self == .privateKeyJWT || usesCertificate }

    /// Whether the client shows a certificate on its connections.
    var usesCertificate: Bool { self == .tlsClientAuth || self == .selfSignedTLSClientAuth }

    /// The key that names the file with the secret or private key.
    var proofKey: ConfigurationKey<String> { usesPrivateKey ? ClientKeys.clientKeyFile : ClientKeys.clientSecretFile }
}

extension ClientSettings.SecretSource: CustomStringConvertible {
    /// The path, or the name of the credential in words.
    package var description: String {
        switch self {
        case .file(let path): path.printable
        case .credential(let name): "the service credential \(name)"
        }
    }
}

/// Reads what a client's section says of how it proves itself.
struct ClientProofReader {
    let method: ClientSettings.AuthenticationMethod
    let endpoints: MosaicEndpoints
    let client: String

    /// Where the secret or private key comes from.
    func secretSource(_ reader: SectionReader) -> ClientSettings.SecretSource {
        source(reader.setting(method.proofKey), ending: method.usesPrivateKey ? "key" : "secret")
    }

    /// What assertions say, for the method that makes them; nil, with a report, if something is missing.
    func assertion(_ reader: inout SectionReader) -> ClientSettings.Assertion? {
        let setting = reader.setting(ClientKeys.clientKeyID)
        if !setting.isSet {
            reader.report(
                ClientKeys.clientKeyID.name,
                at: reader.setting(ClientKeys.authentication.key).place,
                "must be set with \(method.rawValue)",
                allowed: ClientKeys.clientKeyID.syntax.allowed
            )
        }
        return setting.value.map {
            ClientSettings.Assertion(
                keyID: $0,
                audience: reader.setting(ClientKeys.assertionAudience).value ?? endpoints.tokenURL.description
            )
        }
    }

    /// Where the certificate comes from, for the methods that use one.
    func certificate(_ reader: inout SectionReader) -> ClientSettings.Certificate {
        if endpoints.isInsecure {
            reader.report(
                ClientKeys.authentication.name,
                at: reader.setting(ClientKeys.authentication.key).place,
                "is \(method.rawValue), but over plain http no certificate can be shown",
                allowed: "https URLs with this method"
            )
        }
        return ClientSettings.Certificate(
            source: source(reader.setting(ClientKeys.clientCertificateFile), ending: "crt"),
            expiryWarning: reader.value(ClientKeys.certificateExpiryWarning)
        )
    }

    /// Warns of keys that play no part in the client's method: perhaps it is the method that is wrong.
    func warnOfUnused(_ reader: inout SectionReader) {
        let keys = [
            (ClientKeys.clientSecretFile.name, !method.usesPrivateKey),
            (ClientKeys.clientKeyFile.name, method.usesPrivateKey),
            (ClientKeys.clientKeyID.name, method == .privateKeyJWT),
            (ClientKeys.assertionAudience.name, method == .privateKeyJWT),
            (ClientKeys.clientCertificateFile.name, method.usesCertificate),
            (ClientKeys.certificateExpiryWarning.name, method.usesCertificate),
        ]
        for (name, isUsed) in keys where !isUsed {
            guard let place = reader.place(ofKey: name) else { continue }
            reader.report(
                name,
                at: place,
                "plays no part with \(ClientKeys.authentication.name)=\(method.rawValue)",
                severity: .warning
            )
        }
    }

    private func source(_ setting: SectionReader.Setting<String>, ending: String) -> ClientSettings.SecretSource {
        setting.value.map { .file($0) } ?? .credential("\(client).\(ending)")
    }
}
