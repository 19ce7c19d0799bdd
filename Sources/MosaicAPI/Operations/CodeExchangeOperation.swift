package import Secrets
import StrictJSON

/// The authorization-code grant of E1: tokens for the code that a login through the browser has brought.
package struct CodeExchangeOperation: APIOperation {
    /// The code, which is spent by this.
    package let code: Secret
    /// The redirect URI that the code came to.
    package let redirectURI: String
    /// The verifier of a login with PKCE (RFC 7636).
    package let codeVerifier: Secret?

    /// A request.
    package init(code: Secret, redirectURI: String, codeVerifier: Secret? = nil) {
        self.code = code
        self.redirectURI = redirectURI
        self.codeVerifier = codeVerifier
    }

    package static var endpoint: APIEndpoint { .tokenGrant }

    package var authorization: APIAuthorization {
        var fields = [
            FormField("grant_type", "authorization_code"), FormField("code", code),
            FormField("redirect_uri", redirectURI),
        ]
        if let codeVerifier { fields.append(FormField("code_verifier", codeVerifier)) }
        return .clientCredential(fields)
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

/// The deprecated exchange of E16, `POST /v1/token`, for codes of the older frontend calls.
///
/// It needs a client that has a secret; with any other the operation is `not_configured`.
package struct LegacyCodeExchangeOperation: APIOperation {
    /// The code, which is spent by this.
    package let code: Secret

    /// A request.
    package init(code: Secret) {
        self.code = code
    }

    /// The tokens of E16, which come without type and lifetime.
    package struct Output: Sendable {
        /// The user access token.
        package let accessToken: Secret
        /// The ID token.
        package let idToken: Secret
        /// The refresh token.
        package let refreshToken: Secret
        /// Whether the login has created the user.
        package let isUserCreated: Bool
        /// `sub` of the ID token. Vouched for by TLS, not by a check of the signature.
        package let userID: String?
        /// `amr` of the ID token. Vouched for by TLS, not by a check of the signature.
        package let authenticationMethods: [String]?
    }

    package static var endpoint: APIEndpoint { .legacyToken }

    package var authorization: APIAuthorization { .clientSecretObject([FormField("code", code)]) }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.legacyToken }

    package var requiredMembers: [RequiredMember] {
        ["access_token", "id_token", "refresh_token"].map { RequiredMember($0, .text) } + [
            RequiredMember("is_user_created", .boolean)
        ]
    }

    package func output(of response: UpstreamResponse) -> Output? {
        guard let root = UpstreamJSON.root(of: response.body),
            let accessToken = root["access_token"]?.secret, !accessToken.isEmpty,
            let idToken = root["id_token"]?.secret, !idToken.isEmpty,
            let refreshToken = root["refresh_token"]?.secret, !refreshToken.isEmpty,
            let isUserCreated = root["is_user_created"]?.boolean
        else { return nil }
        let claims = IDTokenClaims(idToken)
        return Output(
            accessToken: accessToken,
            idToken: idToken,
            refreshToken: refreshToken,
            isUserCreated: isUserCreated,
            userID: claims?.subject,
            authenticationMethods: claims?.authenticationMethods
        )
    }

    package func output(of refusal: UpstreamError) -> Result<Output, APIFailure> {
        switch refusal.status {
        // The credential is in the body, so that a 401 is about it.
        case 401 where !refusal.hasDecisionCode && refusal.isTokenServices:
            .failure(refusal.failure(.credentialRejected))
        case 401 where !refusal.hasDecisionCode: .failure(refusal.failure(.protocolViolation))
        // The only refusal of the contract, a list of messages whatever the trouble; the code is the likeliest.
        case 400 where refusal.body.code == nil && refusal.body.isObject && !refusal.isForeignBadRequest:
            .failure(refusal.failure(.invalidToken))
        default: .failure(SessionErrorMapping.failure(refusal))
        }
    }
}
