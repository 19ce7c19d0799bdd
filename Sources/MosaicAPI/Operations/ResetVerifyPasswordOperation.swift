package import Secrets

/// The request of E12, `POST /v1/auth/password/reset/password/validate`: whether the user knows the current password and
/// may therefore choose another.
///
/// It goes without a bearer token.
package struct ResetVerifyPasswordOperation: APIOperation {
    /// What sort of identifier it is; its raw value is the name of the field.
    package var kind: PasswordAuthenticateOperation.UsernameType
    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The current password, in UTF-8.
    package var password: Secret
    /// The client on whose application the password is changed.
    package var clientID: String
    /// The reset token of a first factor, where a second one is required.
    package var previousResetToken: Secret?

    /// A request with what every request needs.
    package init(
        kind: PasswordAuthenticateOperation.UsernameType,
        identifier: Secret,
        password: Secret,
        clientID: String,
        previousResetToken: Secret? = nil
    ) {
        self.kind = kind
        self.identifier = identifier
        self.password = password
        self.clientID = clientID
        self.previousResetToken = previousResetToken
    }

    package static var endpoint: APIEndpoint { .resetPasswordVerify }

    package var authorization: APIAuthorization { .none }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetPasswordVerify }

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    package var body: UpstreamRequest.Body? {
        let secrets = identifier.count + password.count + (previousResetToken?.count ?? 0)
        return .object(capacity: 256 + 2 * clientID.utf8.count + 6 * secrets) { writer in
            writer.field(kind.rawValue, identifier)
            writer.field("password", password)
            writer.field("client_id", clientID)
            writer.field("prev_reset_token", previousResetToken)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result", .text)] }

    package func output(of response: UpstreamResponse) -> ResetDecision? {
        ResetToken(parsing: response.body).map { .granted($0) }
    }

    package func output(of refusal: UpstreamError) -> Result<ResetDecision, APIFailure> {
        ResetErrorMapping.classify(refusal, of: .password)
    }
}
