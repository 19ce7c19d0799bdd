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

    package static let endpoint = APIEndpoint("session_authenticate", .sessions, path: "v1/auth/session/authenticate")

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

    package static let endpoint = APIEndpoint("session_list", .sessions)
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

    package static let endpoint = APIEndpoint("session_revoke", .sessions)
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

/// The request of E24, `POST /v1/auth/session/logout`: ends a session and revokes its refresh tokens.
package struct SessionLogoutOperation: APIOperation {
    /// The session.
    package let sessionID: Secret

    /// A request.
    package init(sessionID: Secret) {
        self.sessionID = sessionID
    }

    package static let endpoint = APIEndpoint("session_logout", .sessions, path: "v1/auth/session/logout")

    package var body: UpstreamRequest.Body? {
        .object(capacity: 64 + 2 * sessionID.count) { writer in writer.field("session_id", sessionID) }
    }

    package func output(of response: UpstreamResponse) -> Void? { () }

    package func output(of refusal: UpstreamError) -> Result<Void, APIFailure> {
        .failure(SessionErrorMapping.failure(refusal))
    }
}

/// Says what a refusal by an endpoint means that acts on something the caller holds: a session, a token, a code (E15,
/// E16, E22–E24).
///
/// Next to nothing about these answers is documented, so the class of the status decides:
///
/// | status | code | meaning |
/// |---|---|---|
/// | 400, 401, 403, 404 | `system_invalid_input` | `invalid_params` |
/// | " | `app_not_exist`, `client_not_exist` | `not_configured` |
/// | " | another that begins with `auth_` or `user_` | `invalid_token` |
/// | 400, with a list of messages | – | `invalid_params`: the form of the request is wrong |
/// | 400, 401, 404 | anything else that is a JSON object | `invalid_token` |
/// | 400, 404 | no JSON object | `upstream_protocol`: the answer of something in between |
/// | 403 | message "User is not active", as E18 says it | `invalid_token`: the user was disabled since |
/// | 403 | anything else | `upstream_forbidden` |
/// | all else | – | by the status |
enum SessionErrorMapping {
    /// The failure that a refusal is.
    ///
    /// - Parameter refusal: The answer. A 401 must have passed ``UnauthorizedClassifier``.
    static func failure(_ refusal: UpstreamError) -> APIFailure {
        switch refusal.status {
        case 400, 401, 403, 404: break
        default: return refusal.failure(refusal.kindByStatus)
        }
        switch refusal.body.code {
        case "system_invalid_input": return refusal.failure(.invalidInput)
        case "app_not_exist", "client_not_exist": return refusal.failure(.notConfigured)
        default: break
        }
        if refusal.hasDecisionCode { return refusal.failure(.invalidToken) }
        switch refusal.status {
        case 403 where refusal.body.message?.lowercased() == "user is not active": return refusal.failure(.invalidToken)
        case 403: return refusal.failure(.forbidden)
        case 401: return refusal.failure(.invalidToken)
        case 400 where refusal.body.messageIsList: return refusal.failure(.invalidInput)
        default: return refusal.failure(refusal.body.isObject ? .invalidToken : .protocolViolation)
        }
    }
}

extension MosaicEndpoints {
    /// E25 and E26, `/v1/auth/users/{userId}/sessions`.
    fileprivate func sessions(ofUser userID: [UInt8]) -> ServiceURL {
        baseURL.appending(path: "v1/auth/users").appending(segment: userID).appending(path: "sessions")
    }
}
