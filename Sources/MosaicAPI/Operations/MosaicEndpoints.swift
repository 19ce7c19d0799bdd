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
        passwordAuthenticate = baseURL.appending(path: "v1/auth/password/authenticate")
        linkAuthenticate = baseURL.appending(path: "v1/auth/link/email/authenticate")
        otpSend = baseURL.appending(path: "v1/auth/otp/send")
        otpAuthenticate = baseURL.appending(path: "v1/auth/otp/authenticate")
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

    // Those of every login are worked out once.

    /// E17, `POST /v1/auth/password/authenticate`.
    package let passwordAuthenticate: ServiceURL

    /// E18, `POST /v1/auth/link/email/send`.
    package var linkSend: ServiceURL { baseURL.appending(path: "v1/auth/link/email/send") }
    /// E19, `POST /v1/auth/link/email/authenticate`.
    package let linkAuthenticate: ServiceURL
    /// E20, `POST /v1/auth/otp/send`.
    package let otpSend: ServiceURL
    /// E21, `POST /v1/auth/otp/authenticate`.
    package let otpAuthenticate: ServiceURL
}
