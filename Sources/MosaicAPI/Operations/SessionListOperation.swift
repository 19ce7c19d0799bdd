package import Secrets
import StrictJSON

/// The request of E25, `GET /v1/auth/users/{userId}/sessions`: the backend sessions of a user.
package struct SessionListOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package let userID: [UInt8]

    /// A request.
    package init(userID: [UInt8]) {
        self.userID = userID
    }

    /// One session.
    package struct Session: Sendable, Hashable {
        /// The session's id, with which it can be used.
        package let sessionID: Secret
        /// When it began, an ISO date-time as received.
        package let startTime: String?
        /// When it ends, an ISO date-time as received.
        package let expirationTime: String?
        /// The members of these that are there and are no texts.
        package var omitted: [String] = []
    }

    package static var endpoint: APIEndpoint { .sessionList }
    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.sessions(ofUser: userID) }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package var requiredMembers: [RequiredMember] { [RequiredMember("", .array)] }

    /// A session without `session_id` is none and is left out.
    package func output(of response: UpstreamResponse) -> ForwardedList<Session>? {
        guard let elements = UpstreamJSON.root(of: response.body)?.elements else { return nil }
        return ForwardedList(elements) { element in
            guard let sessionID = element["session_id"]?.secret, !sessionID.isEmpty else { return nil }
            var session = Session(
                sessionID: sessionID,
                startTime: element["start_time"]?.string,
                expirationTime: element["expiration_time"]?.string
            )
            guard let members = element.members else { return nil }
            for (key, member) in members where member.kind != .string {
                for name in ["start_time", "expiration_time"] where key.matches(name) && !session.omitted.contains(name)
                {
                    session.omitted.append(name)
                }
            }
            return session
        }
    }

    package func output(of refusal: UpstreamError) -> Result<ForwardedList<Session>, APIFailure> {
        .failure(SessionAdministrationErrorMapping.failure(refusal))
    }
}

/// The request of E26, `DELETE /v1/auth/users/{userId}/sessions`: ends every backend session of a user.
package struct SessionRevokeOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package let userID: [UInt8]

    /// A request.
    package init(userID: [UInt8]) {
        self.userID = userID
    }

    package static var endpoint: APIEndpoint { .sessionRevoke }
    package static var method: UpstreamRequest.Method { .delete }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.sessions(ofUser: userID) }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package func output(of response: UpstreamResponse) -> Void? { () }

    package func output(of refusal: UpstreamError) -> Result<Void, APIFailure> {
        .failure(SessionAdministrationErrorMapping.failure(refusal))
    }
}

/// Says what a refusal of E25 or E26 means. None is documented: a 404, or a code that says so, is an unknown user.
enum SessionAdministrationErrorMapping {
    /// The failure that a refusal is.
    static func failure(_ refusal: UpstreamError) -> APIFailure {
        switch (refusal.status, refusal.body.code) {
        case (400...404, "user_not_found"): refusal.failure(.notFound)
        case (400...404, "app_not_exist"), (400...404, "client_not_exist"): refusal.failure(.notConfigured)
        case (404, _) where refusal.body.isObject: refusal.failure(.notFound)
        case (400, _) where refusal.body.isObject && !refusal.isForeignBadRequest: refusal.failure(.invalidInput)
        default: refusal.failure(refusal.kindByStatus)
        }
    }
}
