package import Secrets
import StrictJSON

/// What a successful client-credentials request (E1) brings: a token and how long it lives.
package struct ClientTokenGrant: Sendable, Hashable {
    /// The client access token.
    package let accessToken: Secret
    /// Its lifetime as the server states it, within the limits below.
    package let lifetime: Duration

    /// The lifetime assumed when the server states none, which RFC 6749 allows. Short, to be on the safe side.
    static let assumedLifetime = Duration.seconds(300)
    /// The longest lifetime believed; a token said to live longer is renewed daily.
    static let longestLifetime = Duration.seconds(86_400)

    /// A grant; the lifetime is cut to the longest one believed.
    package init(accessToken: Secret, lifetime: Duration) {
        self.accessToken = accessToken
        self.lifetime = min(lifetime, Self.longestLifetime)
    }

    /// Reads the body of a 2xx answer of the token endpoint.
    ///
    /// - Returns: `nil` when it breaks the contract: no token, one that no header can carry, not a bearer token, or a
    ///   lifetime below one second.
    init?(parsing body: [UInt8]) {
        guard let root = UpstreamJSON.root(of: body),
            let token = root["access_token"]?.secret, TokenType.isHeaderSafe(token),
            TokenType.isBearer(root["token_type"])
        else { return nil }
        guard let expiry = root["expires_in"], !expiry.isNull else {
            self.init(accessToken: token, lifetime: Self.assumedLifetime)
            return
        }
        guard let seconds = expiry.seconds, seconds >= 1 else { return nil }
        self.init(accessToken: token, lifetime: .seconds(min(seconds, 1e9)))
    }
}

extension ClientTokenGrant {
    /// What the answer must have; a lifetime only where one is stated.
    private static func requiredMembers(of body: [UInt8]) -> [RequiredMember] {
        let expiry = UpstreamJSON.root(of: body)?["expires_in"]
        let members = [RequiredMember("access_token", .text), RequiredMember("token_type", .bearer)]
        return expiry == nil ? members : members + [RequiredMember("expires_in", .seconds)]
    }
}

/// Checks on the token and the `token_type` of a token response.
enum TokenType {
    /// Whether the token can stand in an `Authorization` header: visible ASCII, and at least one character of it.
    static func isHeaderSafe(_ token: Secret) -> Bool {
        token.withBytes { bytes in
            for index in bytes.indices where bytes[index] <= 0x20 || bytes[index] >= 0x7F { return false }
            return !bytes.isEmpty
        }
    }

    /// Whether the value is `Bearer` in any case (RFC 6749, section 5.1).
    static func isBearer(_ value: JSONValue?) -> Bool {
        guard let value else { return false }
        // As nearly all write it; the other forms are compared byte by byte.
        if value.matches("Bearer") { return true }
        return value.utf8.map { $0.map(\.lowercasedASCII).elementsEqual("bearer".utf8) } ?? false
    }
}

extension ClientTokenGrant {
    /// Says what an answer of the token endpoint means.
    ///
    /// | answer | meaning |
    /// |---|---|
    /// | 2xx with a token | the grant |
    /// | other 2xx with an OAuth error | as 400 with it |
    /// | other 2xx, 3xx | `upstream_protocol` |
    /// | 400 with `invalid_target` (RFC 8707) | `not_configured`: the client does not have that resource |
    /// | 401 in a shape of OAuth or Mosaic or without a body; 400 in OAuth's shape with another code | `credential_rejected`: repeating it cannot help |
    /// | 400 with `temporarily_unavailable` or `server_error`, 408, 5xx | `upstream_unavailable` |
    /// | 429 | `upstream_rate_limited` |
    /// | 403 | `upstream_forbidden` |
    /// | all else | `upstream_protocol` |
    static func classify(_ response: UpstreamResponse, wallClock: Int64) -> Result<ClientTokenGrant, APIFailure> {
        let refusal = UpstreamError(response, wallClock: wallClock, carriedClientToken: false)
        let isSuccess = (200...299).contains(response.status)
        if isSuccess, let grant = ClientTokenGrant(parsing: response.body) { return .success(grant) }
        switch isSuccess && refusal.body.isOAuth ? 400 : response.status {
        case 200...299:
            return .failure(
                refusal.failure(.protocolViolation).with(
                    detail: ContractBreach.description(of: response, lacking: requiredMembers(of: response.body))
                )
            )
        case 400 where refusal.body.isOAuth:
            switch refusal.body.code {
            case "temporarily_unavailable", "server_error": return .failure(refusal.failure(.unavailable))
            case "invalid_target": return .failure(refusal.failure(.notConfigured))
            default: return .failure(refusal.failure(.credentialRejected))
            }
        case 401 where refusal.isTokenServices:
            return .failure(refusal.failure(.credentialRejected))
        default:
            return .failure(refusal.failure(refusal.kindByStatus))
        }
    }
}
