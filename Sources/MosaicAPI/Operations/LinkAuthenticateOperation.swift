package import Secrets

/// The request of E19, `POST /v1/auth/link/email/authenticate`: log a user in with the code of a magic link.
package struct LinkAuthenticateOperation: APIOperation {
    /// The code from the link's redirect.
    package var code: Secret
    /// The optional fields.
    package var options = AuthenticationOptions()

    /// A request with what every request needs; the options are set afterwards.
    package init(code: Secret) {
        self.code = code
    }

    package static var endpoint: APIEndpoint { .linkAuthenticate }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.linkAuthenticate }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 512 + 2 * code.count + options.size) { writer in
            writer.field("code", code)
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
