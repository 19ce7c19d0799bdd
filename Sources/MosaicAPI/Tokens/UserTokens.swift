package import Secrets
import StrictJSON

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

extension UserTokens {
    /// Reads a shared token response.
    ///
    /// - Parameter requiresSession: Whether the endpoint's contract promises a `session_id`.
    /// - Returns: `nil` when the body breaks the contract.
    init?(parsing body: [UInt8], requiresSession: Bool) {
        guard let root = UpstreamJSON.root(of: body), let accessToken = Self.nonEmpty(root["access_token"]),
            let type = root["token_type"], TokenType.isBearer(type), let typeName = type.string,
            let seconds = root["expires_in"]?.seconds, RequiredMember.secondsRange.contains(seconds)
        else { return nil }
        let sessionID = Self.nonEmpty(root["session_id"])
        guard sessionID != nil || !requiresSession else { return nil }
        let idToken = Self.nonEmpty(root["id_token"])
        let claims = idToken.flatMap(IDTokenClaims.init)
        self.init(
            accessToken: accessToken,
            tokenType: typeName,
            expiresIn: Int64(seconds),
            sessionID: sessionID,
            idToken: idToken,
            refreshToken: Self.nonEmpty(root["refresh_token"]),
            userID: claims?.subject,
            authenticationMethods: claims?.authenticationMethods
        )
    }

    /// What a token response must have, to say what one lacks; the parser above looks for the same.
    static func requiredMembers(withSession: Bool) -> [RequiredMember] {
        [
            RequiredMember("access_token", .text), RequiredMember("token_type", .bearer),
            RequiredMember("expires_in", .seconds),
        ] + (withSession ? [RequiredMember("session_id", .text)] : [])
    }

    private static func nonEmpty(_ value: JSONValue?) -> Secret? {
        value?.secret.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Two claims of an ID token, read without checking its signature.
///
/// Good enough for what it is used for: the token came over TLS from the server that issued it, in answer to our own
/// request. It is not good enough for a token that a caller hands in.
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

/// Reads tokens without checking their signatures.
///
/// Good enough for a token that came over TLS from the server that issued it, in answer to our own request; never for one
/// that a caller hands in.
enum UnverifiedToken {
    /// The payload of a signed token.
    ///
    /// - Returns: `nil` when the token is no JWS in compact form (RFC 7515, section 7.1) with an object in it, for
    ///   example because it is encrypted.
    static func payload(of token: Secret) -> JSONValue? {
        token.withBytes { bytes in
            let parts = CompactToken.parts(of: bytes)
            return parts.count == 3 ? CompactToken.object(bytes.extracting(parts[1])) : nil
        }
    }
}
