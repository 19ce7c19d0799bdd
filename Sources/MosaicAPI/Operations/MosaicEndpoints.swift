/// Where one Mosaic client finds its services: the API base, the token endpoint, the keys and the issuer.
///
/// These are separate settings since a custom domain may change each of them.
package struct MosaicEndpoints: Sendable, Hashable {
    /// The base of the identity APIs with its `/cis` prefix, such as `https://api.eu.transmitsecurity.io/cis`.
    package let baseURL: ServiceURL
    /// The token endpoint (E1). Unprefixed by default: the origin of the base and `/oidc/token`.
    package let tokenURL: ServiceURL
    /// The JSON web key set (E2); by default `oidc/jwks` below the base.
    package let jwksURL: ServiceURL
    /// The expected `iss` claim of tokens, or `nil` when it is not known.
    package let issuer: String?

    /// The issuer of the local emulator, by which an agent that talks to one is recognised.
    package static let emulatorIssuer = "https://mosaic-sandbox.invalid"

    /// Whether these endpoints belong to the local emulator.
    package var isEmulated: Bool { issuer == Self.emulatorIssuer }

    /// Whether any of the URLs is plain `http`.
    package var isInsecure: Bool { !(baseURL.isSecure && tokenURL.isSecure && jwksURL.isSecure) }

    /// The endpoints at a base URL; what is not given follows from the base.
    ///
    /// - Parameters:
    ///   - baseURL: The base of the identity APIs, with `/cis`.
    ///   - tokenURL: The whole URL of the token endpoint.
    ///   - jwksURL: The whole URL of the key set.
    ///   - issuer: The expected `iss` claim.
    package init(baseURL: ServiceURL, tokenURL: ServiceURL? = nil, jwksURL: ServiceURL? = nil, issuer: String? = nil) {
        self.baseURL = baseURL
        self.tokenURL = tokenURL ?? baseURL.atOrigin(path: "oidc/token")
        self.jwksURL = jwksURL ?? baseURL.appending(path: "oidc/jwks")
        self.issuer = issuer
        prepared = Self.ofLogins.map { Prepared(endpoint: $0, url: baseURL.appending(path: $0.path)) }
    }

    /// The endpoints of a region, each of which may be replaced.
    package init(
        region: MosaicRegion,
        tokenURL: ServiceURL? = nil,
        jwksURL: ServiceURL? = nil,
        issuer: String? = nil
    ) {
        self.init(
            baseURL: ServiceURL(secureHost: region.host, path: "/cis"),
            tokenURL: tokenURL,
            jwksURL: jwksURL,
            issuer: issuer ?? region.issuer
        )
    }

    /// The URL of an endpoint whose path holds nothing that differs from call to call.
    package func url(of endpoint: APIEndpoint) -> ServiceURL {
        for ready in prepared where ready.endpoint == endpoint { return ready.url }
        return baseURL.appending(path: endpoint.path)
    }

    /// Those of every login, whose URLs are worked out once.
    private static let ofLogins = [
        PasswordAuthenticateOperation.endpoint, OTPAuthenticateOperation.endpoint, OTPSendOperation.endpoint,
        LinkAuthenticateOperation.endpoint,
    ]

    private struct Prepared: Sendable, Hashable {
        let endpoint: APIEndpoint
        let url: ServiceURL
    }

    private let prepared: [Prepared]
}
