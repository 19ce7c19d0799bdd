package import Secrets

/// A refresh of a user's tokens: E23, `POST /v1/auth/token/refresh`, for tokens of backend authentications.
package struct TokenRefreshOperation: APIOperation {
    /// The refresh token, which is spent by this.
    package let refreshToken: Secret

    /// A request.
    package init(refreshToken: Secret) {
        self.refreshToken = refreshToken
    }

    package static let endpoint = APIEndpoint("token_refresh", .sessions, path: "v1/auth/token/refresh")

    package var body: UpstreamRequest.Body? {
        .object(capacity: 64 + 2 * refreshToken.count) { writer in writer.field("refresh_token", refreshToken) }
    }

    package var requiredMembers: [RequiredMember] { UserTokens.requiredMembers(withSession: false) }

    package func output(of response: UpstreamResponse) -> UserTokens? {
        UserTokens(parsing: response.body, requiresSession: false)
    }

    package func output(of refusal: UpstreamError) -> Result<UserTokens, APIFailure> {
        .failure(SessionErrorMapping.failure(refusal))
    }
}

/// A refresh of a user's tokens: the refresh grant of E1, for tokens of a login through the browser.
package struct TokenRefreshGrantOperation: APIOperation {
    /// The refresh token, which is spent by this.
    package let refreshToken: Secret

    /// A request.
    package init(refreshToken: Secret) {
        self.refreshToken = refreshToken
    }

    package static var endpoint: APIEndpoint { CodeExchangeOperation.endpoint }

    package var authorization: APIAuthorization {
        .clientCredential([FormField("grant_type", "refresh_token"), FormField("refresh_token", refreshToken)])
    }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.tokenURL }

    package var requiredMembers: [RequiredMember] { UserTokens.requiredMembers(withSession: false) }

    package func output(of response: UpstreamResponse) -> UserTokens? {
        UserTokens(parsing: response.body, requiresSession: false)
    }

    package func output(of refusal: UpstreamError) -> Result<UserTokens, APIFailure> {
        .failure(GrantErrorMapping.failure(refusal))
    }
}

/// The request of E4, `POST /oidc/token/revocation`: makes a token worthless (RFC 7009).
package struct TokenRevokeOperation: APIOperation {
    /// What sort of token it is, as a hint.
    package enum Hint: String, Sendable, CaseIterable {
        /// An access token.
        case accessToken = "access_token"
        /// A refresh token.
        case refreshToken = "refresh_token"
    }

    /// The token.
    package let token: Secret
    /// What sort of token it is, if the caller says so.
    package let hint: Hint?

    /// A request.
    package init(token: Secret, hint: Hint? = nil) {
        self.token = token
        self.hint = hint
    }

    package static let endpoint = APIEndpoint(
        "token_revoke",
        .tokens,
        path: "oidc/token/revocation",
        answersAsOAuth: true
    )

    package var authorization: APIAuthorization {
        var fields = [FormField("token", token)]
        if let hint { fields.append(FormField("token_type_hint", hint.rawValue)) }
        return .clientCredential(fields)
    }

    /// The answer is empty; an OAuth error in it is a refusal whatever the status.
    package func output(of response: UpstreamResponse) -> Void? { ErrorBody(response.body).isOAuth ? nil : () }

    package func output(of refusal: UpstreamError) -> Result<Void, APIFailure> {
        .failure(GrantErrorMapping.failure(refusal))
    }
}
