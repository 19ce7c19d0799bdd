import ConfigurationFiles
import MosaicAPI

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
