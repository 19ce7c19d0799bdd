package import Secrets

/// The tokens of an authenticated user: the shared token response of E17, E19, E21, E22 and, without a session, E23.
package struct UserTokens: Sendable {
    /// The user access token, a JWT.
    package let accessToken: Secret
    /// `Bearer`, as received.
    package let tokenType: String
    /// The lifetime of the access token in seconds.
    package let expiresIn: Int64
    /// The backend session that the authentication belongs to; absent from E23 only.
    package let sessionID: Secret?
    /// The ID token, a JWT or, if the client asks for encryption, a JWE.
    package let idToken: Secret?
    /// The refresh token. Opaque, rotated on every use.
    package let refreshToken: Secret?
    /// `sub` of the ID token: the user's ID. Vouched for by TLS, not by a check of the signature.
    package let userID: String?
    /// `amr` of the ID token: the authentication methods used. Vouched for by TLS, not by a check of the signature.
    package let authenticationMethods: [String]?
}
