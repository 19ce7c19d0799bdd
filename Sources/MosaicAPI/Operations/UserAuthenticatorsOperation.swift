import StrictJSON

/// The request of E39, `GET /v1/users/{userId}/authenticators`: the ways in which a user can log in.
package struct UserAuthenticatorsOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package let userID: [UInt8]

    /// The authenticators of a user.
    package init(userID: [UInt8]) { self.userID = userID }

    package static var endpoint: APIEndpoint { .userAuthenticators }

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.userAuthenticators(userID) }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package var requiredMembers: [RequiredMember] { [RequiredMember("", .array)] }

    package func output(of response: UpstreamResponse) -> ForwardedList<UserAuthenticator>? {
        UserAuthenticator.list(parsing: response.body)
    }

    package func output(of refusal: UpstreamError) -> Result<ForwardedList<UserAuthenticator>, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}

/// One way in which a user can log in (E39).
package struct UserAuthenticator: Sendable {
    /// The object as Mosaic wrote it.
    package let object: ForwardedObject

    /// Reads the answer of E39, a bare array; `nil` when it breaks the contract.
    ///
    /// One without `id` and `type` is none and is left out.
    static func list(parsing body: [UInt8]) -> ForwardedList<UserAuthenticator>? {
        // `[{…}]` becomes `{"result":{"authenticators":[{…}]}}`.
        guard let elements = UpstreamJSON.root(of: body, deeper: 2)?.elements else { return nil }
        return ForwardedList(elements) { element in
            guard element["id"]?.kind == .string, element["type"]?.kind == .string else { return nil }
            return ForwardedObject(element).map { UserAuthenticator(object: $0) }
        }
    }
}
