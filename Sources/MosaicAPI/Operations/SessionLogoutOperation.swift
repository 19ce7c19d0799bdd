package import Secrets

/// The request of E24, `POST /v1/auth/session/logout`: ends a session and revokes its refresh tokens.
package struct SessionLogoutOperation: APIOperation {
    /// The session.
    package let sessionID: Secret

    /// A request.
    package init(sessionID: Secret) {
        self.sessionID = sessionID
    }

    package static var endpoint: APIEndpoint { .sessionLogout }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.sessionLogout }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 64 + 2 * sessionID.count) { writer in writer.field("session_id", sessionID) }
    }

    package func output(of response: UpstreamResponse) -> Void? { () }

    package func output(of refusal: UpstreamError) -> Result<Void, APIFailure> {
        .failure(SessionErrorMapping.failure(refusal))
    }
}
