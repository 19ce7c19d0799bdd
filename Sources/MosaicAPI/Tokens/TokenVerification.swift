package import Secrets
package import StrictJSON

/// A token that a caller hands in, to be checked without asking Mosaic about it.
package struct TokenVerification: Sendable {
    /// What the token is to be used as. A token good for one use is worthless for the other.
    package enum Use: String, Sendable, CaseIterable {
        /// A user access token.
        case access
        /// An ID token.
        case id
    }

    /// The token.
    package let token: Secret
    /// What it is to be used as.
    package let use: Use
    /// The resource that an access token must be for; `nil` for the identity APIs.
    package let resource: String?

    /// A token to be checked.
    package init(token: Secret, use: Use, resource: String? = nil) {
        self.token = token
        self.use = use
        self.resource = resource
    }
}

/// What a check of a token has found.
package enum TokenVerdict: Sendable, Hashable {
    /// It is good; here are its claims, as it has them.
    case valid(claims: JSONText)
    /// It is not.
    case invalid(TokenFlaw)
}

/// What is wrong with a token. The first flaw found is told, in this order.
package enum TokenFlaw: String, Sendable, Hashable, CaseIterable {
    /// It is no signed token in compact form.
    case malformed
    /// It is encrypted: only the client that it was encrypted for can read it.
    case encrypted
    /// Its algorithm is not RS256 or ES256, or not that of its key, or it has a critical extension.
    case algorithm
    /// It is signed with a key that the issuer does not publish.
    case unknownKey = "unknown_key"
    /// Its signature is wrong.
    case signature
    /// `iss` is another issuer.
    case issuer
    /// `tid` is another tenant.
    case tenant
    /// `client_id` of an access token is another client.
    case client
    /// `aud` is not what it must be: the client for an ID token, the resource for an access token.
    case audience
    /// `sub` is no user.
    case subject
    /// `exp` has passed, or there is none.
    case expired
    /// `nbf` or `iat` has not come yet.
    case notYetValid = "not_yet_valid"
}
