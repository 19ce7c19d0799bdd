package import Secrets
package import StrictJSON

/// The request of E5, `POST /v1/auth/password/login`: the password step of a login through the browser.
///
/// It goes without a bearer token, so no 401 can be about one.
package struct PasswordLoginOperation: APIOperation {
    /// What sort of identifier names the user; the raw values are Mosaic's field names.
    package enum IdentifierKind: String, Sendable, CaseIterable {
        /// A user name.
        case username
        /// The primary email address.
        case email
        /// The primary phone number.
        case phoneNumber = "phone_number"
    }

    /// What sort of identifier it is.
    package var kind: IdentifierKind
    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The password, in UTF-8.
    package var password: Secret
    /// The client that the user logs in to.
    package var clientID: String
    /// The registered redirect URI that receives the code.
    package var redirectURI: String
    /// The resource URI that is to be accessed.
    package var resource: String?
    /// Whether a second factor is demanded; `nil` leaves the field out.
    package var requireMFA: Bool?
    /// The `claims` object, forwarded as it was written.
    package var claims: JSONText?
    /// The organization of a B2B member.
    package var organizationID: String?

    /// A request with what every request needs; the options are set afterwards.
    package init(
        kind: IdentifierKind,
        identifier: Secret,
        password: Secret,
        clientID: String,
        redirectURI: String
    ) {
        self.kind = kind
        self.identifier = identifier
        self.password = password
        self.clientID = clientID
        self.redirectURI = redirectURI
    }

    package static let endpoint = APIEndpoint("password_login", .authentication, path: "v1/auth/password/login")

    package var authorization: APIAuthorization { .none }

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    package var body: UpstreamRequest.Body? {
        let texts = [clientID, redirectURI, resource ?? "", organizationID ?? ""].reduce(0) { $0 + 2 * $1.utf8.count }
        let secrets = 2 * (identifier.count + password.count)
        return .object(capacity: 512 + texts + secrets + (claims?.bytes.count ?? 0)) { writer in
            writer.field(kind.rawValue, identifier)
            writer.field("password", password)
            writer.field("client_id", clientID)
            writer.field("redirect_uri", redirectURI)
            writer.field("resource", resource)
            writer.field("require_mfa", requireMFA)
            writer.field("claims", claims)
            writer.field("org_id", organizationID)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result.url", .text)] }

    /// Where the browser goes on is a URL that carries the login, so it is kept as a secret.
    package func output(of response: UpstreamResponse) -> BrowserPasswordDecision? {
        guard let root = UpstreamJSON.root(of: response.body),
            let url = root["result"]?["url"]?.secret, !url.isEmpty
        else { return nil }
        return .continue(url: url)
    }

    /// As ``PasswordErrorMapping``, and before that a redirect URI that Mosaic does not know and what a validator dislikes.
    package func output(of refusal: UpstreamError) -> Result<BrowserPasswordDecision, APIFailure> {
        if [400, 403].contains(refusal.status), refusal.refusesRedirectURI {
            return .failure(refusal.failure(.notConfigured))
        }
        if refusal.status == 400, refusal.body.messageIsList, !refusal.isForeignBadRequest {
            return .failure(refusal.failure(.invalidInput))
        }
        return PasswordErrorMapping.classify(refusal, joinsSession: false).flatMap { result in
            switch result {
            case .denied(let reason): .success(.denied(reason))
            case .passwordChangeRequired(let cause, let resetToken):
                .success(.passwordChangeRequired(cause, resetToken: resetToken))
            case .granted: .failure(refusal.failure(.protocolViolation))
            }
        }
    }
}

/// What Mosaic decided about the password step of a login through the browser.
package enum BrowserPasswordDecision: Sendable {
    /// The password is right so far; the browser goes on at the URL, where further steps may follow.
    case `continue`(url: Secret)
    /// The login is refused.
    case denied(DenialReason)
    /// The password is right but has to be replaced before it logs anybody in.
    case passwordChangeRequired(PasswordChangeCause, resetToken: Secret?)
}

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

    package static let endpoint = APIEndpoint("token_grant", .tokens, answersAsOAuth: true)

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

    package static let endpoint = APIEndpoint("legacy_token", .tokens, path: "v1/token")

    package var authorization: APIAuthorization { .clientSecretObject([FormField("code", code)]) }

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
