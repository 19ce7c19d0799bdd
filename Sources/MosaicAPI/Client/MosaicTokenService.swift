package import Secrets

/// What the agent asks of one configured client about tokens, beyond single requests.
package protocol MosaicTokenService: Sendable {
    /// Spends a refresh token (E23, or E1's refresh grant).
    ///
    /// Concurrent calls with the same token are one request, and all of them get its answer: a second one would be taken
    /// for theft. Once sent, the request goes on even if its callers give up.
    ///
    /// - Throws: ``APIFailure``; `invalidToken` when Mosaic does not know the token any more.
    func refresh(_ refresh: UserTokenRefresh, call: UpstreamCall) async throws(APIFailure) -> UserTokens

    /// Checks a token against the issuer's keys, which are kept; Mosaic is not asked about the token.
    ///
    /// - Throws: ``APIFailure`` with outcome `notSent`; `unavailable` when there are no keys.
    func verify(_ verification: TokenVerification, call: UpstreamCall) async throws(APIFailure) -> TokenVerdict

    /// The client's own access token.
    ///
    /// - Parameters:
    ///   - resource: The resource URI that the token is for; `nil` for the client's usual one.
    ///   - minimumValidity: How long the token should still be good. A shorter one is only given when none better can be
    ///     had: when it has just been fetched, or when fetching another one fails.
    ///   - call: When the caller stops waiting, and who it is.
    /// - Throws: ``APIFailure`` with outcome `notSent`.
    func clientToken(
        resource: String?,
        minimumValidity: Duration,
        call: UpstreamCall
    ) async throws(APIFailure) -> IssuedClientToken
}

/// A refresh token that is to be spent, and where.
package struct UserTokenRefresh: Sendable {
    /// Which endpoint knows it.
    package enum Kind: String, Sendable, CaseIterable {
        /// E23: tokens of backend authentications.
        case backend
        /// E1's refresh grant: tokens of a login through the browser.
        case oidc
    }

    /// The refresh token.
    package let refreshToken: Secret
    /// Which endpoint knows it.
    package let kind: Kind

    /// A refresh token that is to be spent.
    package init(refreshToken: Secret, kind: Kind) {
        self.refreshToken = refreshToken
        self.kind = kind
    }
}

/// A client access token that is given away.
package struct IssuedClientToken: Sendable {
    /// The token.
    package let value: Secret
    /// How long it is good, cautiously counted.
    package let remaining: Duration
}
