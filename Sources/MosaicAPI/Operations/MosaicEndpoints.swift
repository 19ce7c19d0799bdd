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

extension MosaicEndpoints {
    /// E6, `POST /v1/auth/password/reset/email/link`.
    package var resetEmailLinkSend: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/email/link") }
    /// E7, `POST /v1/auth/password/reset/link`.
    package var resetLinkCreate: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/link") }
    /// E8, `POST /v1/auth/password/reset/email/otp`.
    package var resetEmailCodeSend: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/email/otp") }
    /// E9, `POST /v1/auth/password/reset/email/otp/validate`.
    package var resetEmailCodeVerify: ServiceURL {
        baseURL.appending(path: "v1/auth/password/reset/email/otp/validate")
    }
    /// E10, `POST /v1/auth/password/reset/sms/otp`.
    package var resetSMSCodeSend: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/sms/otp") }
    /// E11, `POST /v1/auth/password/reset/sms/otp/validate`.
    package var resetSMSCodeVerify: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/sms/otp/validate") }
    /// E12, `POST /v1/auth/password/reset/password/validate`.
    package var resetPasswordVerify: ServiceURL {
        baseURL.appending(path: "v1/auth/password/reset/password/validate")
    }
    /// E13, `POST /v1/auth/password/reset`.
    package var resetComplete: ServiceURL { baseURL.appending(path: "v1/auth/password/reset") }
}

extension MosaicEndpoints {
    /// E3, `GET /oidc/.well-known/openid-configuration`.
    package var discovery: ServiceURL { baseURL.appending(path: "oidc/.well-known/openid-configuration") }
    /// E4, `POST /oidc/token/revocation`.
    package var tokenRevocation: ServiceURL { baseURL.appending(path: "oidc/token/revocation") }
    /// E5, `POST /v1/auth/password/login`.
    package var passwordLogin: ServiceURL { baseURL.appending(path: "v1/auth/password/login") }
    /// E15, `POST /v1/auth/logout`.
    package var userLogout: ServiceURL { baseURL.appending(path: "v1/auth/logout") }
    /// E16, `POST /v1/token`.
    package var legacyToken: ServiceURL { baseURL.appending(path: "v1/token") }
    /// E22, `POST /v1/auth/session/authenticate`.
    package var sessionAuthenticate: ServiceURL { baseURL.appending(path: "v1/auth/session/authenticate") }
    /// E23, `POST /v1/auth/token/refresh`.
    package var tokenRefresh: ServiceURL { baseURL.appending(path: "v1/auth/token/refresh") }
    /// E24, `POST /v1/auth/session/logout`.
    package var sessionLogout: ServiceURL { baseURL.appending(path: "v1/auth/session/logout") }

    /// E25 and E26, `/v1/auth/users/{userId}/sessions`.
    package func sessions(ofUser userID: some Sequence<UInt8>) -> ServiceURL {
        baseURL.appending(path: "v1/auth/users").appending(segment: userID).appending(path: "sessions")
    }
}

/// The URLs of users and their passwords. Values from outside are percent-encoded, each as one path segment.
extension MosaicEndpoints {
    /// E27 and E37: `/v1/users`.
    package var users: ServiceURL { baseURL.appending(path: "v1/users") }

    /// E38: `/v1/users/{user_id}`.
    package func user(_ userID: [UInt8]) -> ServiceURL { users.appending(segment: userID) }

    /// E28 and E29: `/v1/users/{user_id}/password`.
    package func userPassword(_ userID: [UInt8]) -> ServiceURL { user(userID).appending(path: "password") }

    /// E39: `/v1/users/{userId}/authenticators`.
    package func userAuthenticators(_ userID: [UInt8]) -> ServiceURL { user(userID).appending(path: "authenticators") }

    /// E30: `/v1/users/me/password-credentials`.
    package var ownPasswordCredentials: ServiceURL { users.appending(path: "me/password-credentials") }

    /// E14: `/v1/auth/password/validate`.
    package var passwordValidate: ServiceURL { baseURL.appending(path: "v1/auth/password/validate") }

    /// E31–E36.
    package func user(by key: UserKey) -> ServiceURL {
        switch key {
        case .userID(let value): user(value)
        case .username(let value): users.appending(path: "username").appending(segment: value)
        case .email(let value): users.appending(path: "email").appending(segment: value)
        case .phoneNumber(let value): users.appending(path: "phone-number").appending(segment: value)
        case .externalUserID(let value): users.appending(path: "external-user-id").appending(segment: value)
        case .identifier(let name, let value):
            users.appending(path: "identifier").appending(query: [
                (name: "identifier_name", value: name), (name: "identifier_value", value: value),
            ])
        }
    }
}
