package import Secrets

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

    package static var endpoint: APIEndpoint { .tokenRevoke }

    package var authorization: APIAuthorization {
        var fields = [FormField("token", token)]
        if let hint { fields.append(FormField("token_type_hint", hint.rawValue)) }
        return .clientCredential(fields)
    }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.tokenRevocation }

    /// The answer is empty; an OAuth error in it is a refusal whatever the status.
    package func output(of response: UpstreamResponse) -> Void? { ErrorBody(response.body).isOAuth ? nil : () }

    package func output(of refusal: UpstreamError) -> Result<Void, APIFailure> {
        .failure(GrantErrorMapping.failure(refusal))
    }
}
