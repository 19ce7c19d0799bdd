package import Secrets
import StrictJSON

/// The request of E25, `GET /v1/auth/users/{userId}/sessions`: the backend sessions of a user.
package struct SessionListing: APIOperation {
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
    }

    package static var endpoint: APIEndpoint { .sessionList }
    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.sessions(ofUser: userID) }

    package func output(of response: UpstreamResponse) -> [Session]? {
        guard let elements = try? JSONDocument(parsing: response.body, maximumDepth: 16).root.elements else {
            return nil
        }
        var sessions: [Session] = []
        for element in elements {
            guard let sessionID = element["session_id"]?.secret, !sessionID.isEmpty else { return nil }
            sessions.append(
                Session(
                    sessionID: sessionID,
                    startTime: element["start_time"]?.string,
                    expirationTime: element["expiration_time"]?.string
                )
            )
        }
        return sessions
    }

    package func output(of refusal: Refusal) -> Result<[Session], APIFailure> {
        .failure(SessionAdministrationRefusal.failure(refusal))
    }
}

/// The request of E26, `DELETE /v1/auth/users/{userId}/sessions`: ends every backend session of a user.
package struct SessionRevocation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package let userID: [UInt8]

    /// A request.
    package init(userID: [UInt8]) {
        self.userID = userID
    }

    package static var endpoint: APIEndpoint { .sessionRevoke }
    package static var method: UpstreamRequest.Method { .delete }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.sessions(ofUser: userID) }

    package func output(of response: UpstreamResponse) -> Void? { () }

    package func output(of refusal: Refusal) -> Result<Void, APIFailure> {
        .failure(SessionAdministrationRefusal.failure(refusal))
    }
}

/// Says what a refusal of E25 or E26 means. None is documented: a 404, or a code that says so, is an unknown user.
enum SessionAdministrationRefusal {
    /// The failure that a refusal is.
    static func failure(_ refusal: Refusal) -> APIFailure {
        switch (refusal.status, refusal.body.code) {
        case (400...404, "user_not_found"): refusal.failure(.notFound)
        case (400...404, "app_not_exist"), (400...404, "client_not_exist"): refusal.failure(.notConfigured)
        case (404, _) where refusal.body.isObject: refusal.failure(.notFound)
        case (400, _) where refusal.body.isObject && !refusal.isForeignBadRequest: refusal.failure(.invalidInput)
        default: refusal.failure(refusal.kindByStatus)
        }
    }
}
