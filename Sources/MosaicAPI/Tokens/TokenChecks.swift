import StrictJSON

/// The checks of a token's claims (reference section 12, "Validating user tokens"; RFC 7519, section 4.1).
struct TokenChecks: Sendable {
    /// What the token is to be used as.
    let use: TokenVerification.Use
    /// The resource that an access token must be for.
    let resource: String?
    /// The issuer.
    let issuer: String
    /// The own tenant, or `nil` when the client's own token does not name it.
    let tenant: String?
    /// The own client.
    let clientID: String
    /// Seconds since 1970.
    let now: Int64

    /// How far clocks may differ, in seconds.
    static let leeway: Double = 60
    /// The audience of access tokens for the identity APIs.
    static let identityAudience = "userid-api"

    /// The first thing that is wrong with the claims.
    func flaw(in claims: JSONValue) -> TokenFlaw? {
        guard claims["iss"]?.matches(issuer) == true else { return .issuer }
        if let tenant, claims["tid"]?.matches(tenant) != true { return .tenant }
        if let flaw = audienceFlaw(claims) { return flaw }
        // A client's own access token has its client as the subject; it speaks for no user.
        guard let subject = claims["sub"], subject.utf8Count.map({ $0 > 0 }) == true, !subject.matches(clientID) else {
            return .subject
        }
        return timeFlaw(claims)
    }

    private func audienceFlaw(_ claims: JSONValue) -> TokenFlaw? {
        switch use {
        case .access:
            guard claims["client_id"]?.matches(clientID) == true else { return .client }
            return hasAudience(claims, resource ?? Self.identityAudience) ? nil : .audience
        case .id:
            return hasAudience(claims, clientID) ? nil : .audience
        }
    }

    /// `aud` is one string, or an array of them.
    private func hasAudience(_ claims: JSONValue, _ audience: String) -> Bool {
        guard let value = claims["aud"] else { return false }
        return value.matches(audience) || value.elements?.contains { $0.matches(audience) } == true
    }

    private func timeFlaw(_ claims: JSONValue) -> TokenFlaw? {
        let now = Double(now)
        guard let expiry = claims["exp"]?.number, now < expiry + Self.leeway else { return .expired }
        for name in ["nbf", "iat"] {
            guard let value = claims[name] else { continue }
            guard let begin = value.number, begin <= now + Self.leeway else { return .notYetValid }
        }
        return nil
    }
}
