package import Secrets
package import StrictJSON

/// The request of E22, `POST /v1/auth/session/authenticate`: new tokens within an existing session, without the user.
package struct SessionAuthenticateOperation: APIOperation {
    /// The session, from a backend authentication.
    package var sessionID: Secret
    /// The resource URI that becomes the `aud` of the user's access token.
    package var resource: String?
    /// The organization of a B2B member.
    package var organizationID: String?
    /// The `claims` object, forwarded as it was written.
    package var claims: JSONText?
    /// The `client_attributes` object (reference 3.10).
    package var clientAttributes: JSONText?
    /// The device that the end user uses.
    package var deviceID: String?

    /// A request with what every request needs; the options are set afterwards.
    package init(sessionID: Secret) {
        self.sessionID = sessionID
    }

    package static var endpoint: APIEndpoint { .sessionAuthenticate }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.sessionAuthenticate }

    package var body: UpstreamRequest.Body? {
        var options = AuthenticationOptions()
        options.sessionID = sessionID
        options.resource = resource
        options.organizationID = organizationID
        options.claims = claims
        options.clientAttributes = clientAttributes
        options.deviceID = deviceID
        return .object(capacity: options.size) { writer in options.write(to: &writer) }
    }

    package var requiredMembers: [RequiredMember] { UserTokens.requiredMembers(withSession: true) }

    package func output(of response: UpstreamResponse) -> UserTokens? {
        UserTokens(parsing: response.body, requiresSession: true)
    }

    package func output(of refusal: UpstreamError) -> Result<UserTokens, APIFailure> {
        .failure(SessionErrorMapping.failure(refusal))
    }
}
