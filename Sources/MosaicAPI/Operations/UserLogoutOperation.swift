package import Secrets
import StrictJSON

/// The request of E15, `POST /v1/auth/logout`: ends the session that a user's access token belongs to.
package struct UserLogoutOperation: APIOperation {
    /// The user's access token.
    package let accessToken: Secret

    /// A request in the name of the user who holds the token.
    package init(accessToken: Secret) {
        self.accessToken = accessToken
    }

    /// What Mosaic says it did.
    package struct Output: Sendable, Hashable {
        /// How many sessions were ended, if Mosaic says so.
        package let sessionsCount: Int64?
    }

    package static var endpoint: APIEndpoint { .userLogout }

    package var authorization: APIAuthorization { .userToken(accessToken) }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.userLogout }

    package var requiredMembers: [RequiredMember] { [RequiredMember("", .object)] }

    /// Reads both envelopes: `sessions_count` stands bare in the specification and inside `result` in vendor code.
    package func output(of response: UpstreamResponse) -> Output? {
        if response.body.isEmpty { return Output(sessionsCount: nil) }
        guard let root = UpstreamJSON.object(of: response.body) else { return nil }
        let count = (root["sessions_count"] ?? root["result"]?["sessions_count"])?.number
        return Output(sessionsCount: count.flatMap { (0..<1e15).contains($0) ? Int64($0) : nil })
    }

    package func output(of refusal: UpstreamError) -> Result<Output, APIFailure> {
        .failure(SessionErrorMapping.failure(refusal))
    }
}
