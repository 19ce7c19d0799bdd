/// An endpoint of the API that calls are made to with a client access token.
package enum APIEndpoint: String, Sendable, Hashable, CaseIterable {
    /// E17, `POST /v1/auth/password/authenticate`.
    case passwordAuthenticate = "password_authenticate"
    /// E18, `POST /v1/auth/link/email/send`.
    case linkSend = "link_send"
    /// E19, `POST /v1/auth/link/email/authenticate`.
    case linkAuthenticate = "link_authenticate"
    /// E20, `POST /v1/auth/otp/send`.
    case otpSend = "otp_send"
    /// E21, `POST /v1/auth/otp/authenticate`.
    case otpAuthenticate = "otp_authenticate"

    /// Endpoints that stand and fall together at Mosaic, for the circuit breaker.
    package enum Group: Sendable, Hashable, CaseIterable {
        /// Backend authentication.
        case authentication
        /// Messages to users, which depend on providers of mail and SMS.
        case sending
    }

    /// The endpoints it belongs with.
    package var group: Group {
        switch self {
        case .passwordAuthenticate, .linkAuthenticate, .otpAuthenticate: .authentication
        case .linkSend, .otpSend: .sending
        }
    }

    /// Whether a 401 can be the endpoint's verdict on a user instead of on the bearer token.
    package var decidesAboutUsers: Bool {
        switch self {
        case .passwordAuthenticate, .linkAuthenticate, .otpAuthenticate: true
        case .linkSend, .otpSend: false
        }
    }
}
