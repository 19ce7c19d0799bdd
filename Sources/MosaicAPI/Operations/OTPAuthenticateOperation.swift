package import Secrets

/// The request of E21, `POST /v1/auth/otp/authenticate`: log a user in with a one-time code.
package struct OTPAuthenticateOperation: APIOperation {
    /// The code as the user typed it, with its leading zeros.
    package var passcode: Secret
    /// The type of the identifier, as it was sent.
    package var identifierType: String
    /// The identifier, as it was sent. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The optional fields.
    package var options = AuthenticationOptions()

    /// A request with what every request needs; the options are set afterwards.
    package init(passcode: Secret, identifierType: String, identifier: Secret) {
        self.passcode = passcode
        self.identifierType = identifierType
        self.identifier = identifier
    }

    package static var endpoint: APIEndpoint { .otpAuthenticate }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.otpAuthenticate }

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 512 + 2 * (passcode.count + identifier.count) + options.size) { writer in
            writer.field("passcode", passcode)
            writer.field("identifier_type", identifierType)
            writer.field("identifier", identifier)
            options.write(to: &writer)
        }
    }

    package var requiredMembers: [RequiredMember] { UserTokens.requiredMembers(withSession: true) }

    package func output(of response: UpstreamResponse) -> AuthenticationDecision? {
        UserTokens(parsing: response.body, requiresSession: true).map { .granted($0) }
    }

    package func output(of refusal: UpstreamError) -> Result<AuthenticationDecision, APIFailure> {
        AuthenticationErrorMapping.classify(refusal, joinsSession: options.sessionID != nil).map { .denied($0) }
    }
}
