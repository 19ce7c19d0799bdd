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
