/// An endpoint of the API that calls are made to with a client access token.
package enum APIEndpoint: String, Sendable, Hashable, CaseIterable {
    /// E17, `POST /v1/auth/password/authenticate`.
    case passwordAuthenticate = "password_authenticate"

    /// Endpoints that stand and fall together at Mosaic, for the circuit breaker.
    package enum Group: Sendable, Hashable, CaseIterable {
        /// Backend authentication.
        case authentication
    }

    /// The endpoints it belongs with.
    package var group: Group {
        switch self {
        case .passwordAuthenticate: .authentication
        }
    }

    /// Whether a 401 can be the endpoint's verdict on a user instead of on the bearer token.
    package var decidesAboutUsers: Bool {
        switch self {
        case .passwordAuthenticate: true
        }
    }
}
