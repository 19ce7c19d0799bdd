import Secrets
import StrictJSON

/// Two claims of an ID token, read without checking its signature.
///
/// Good enough for what it is used for: the token came over TLS from the server that issued it, in answer to our own
/// request. It is not good enough for a token that somebody hands in.
struct IDTokenClaims {
    /// `sub`: the user's ID.
    let subject: String?
    /// `amr`: the authentication methods used.
    let authenticationMethods: [String]?

    /// Reads the payload of a signed token.
    ///
    /// - Returns: `nil` when the token is no JWS in compact form (RFC 7515, section 7.1), for example an encrypted one.
    init?(_ token: Secret) {
        guard let root = UnverifiedToken.payload(of: token) else { return nil }
        subject = root["sub"]?.string
        authenticationMethods = root["amr"]?.elements.map { $0.compactMap(\.string) }
    }
}
