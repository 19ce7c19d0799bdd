package import StrictJSON

/// The request of E39, `GET /v1/users/{userId}/authenticators`: the ways in which a user can log in.
package struct UserAuthenticatorList: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package let userID: [UInt8]

    /// The authenticators of a user.
    package init(userID: [UInt8]) { self.userID = userID }

    package static var endpoint: APIEndpoint { .userAuthenticators }

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.userAuthenticators(userID) }

    package func output(of response: UpstreamResponse) -> [UserAuthenticator]? {
        UserAuthenticator.list(parsing: response.body)
    }

    package func output(of refusal: Refusal) -> Result<[UserAuthenticator], APIFailure> {
        .failure(UserRefusal.failure(refusal, of: .profile))
    }
}

/// One way in which a user can log in (E39).
package struct UserAuthenticator: Sendable {
    /// The whole object as Mosaic wrote it.
    package let json: JSONText

    /// Reads the answer of E39, a bare array; `nil` when it breaks the contract.
    static func list(parsing body: [UInt8]) -> [UserAuthenticator]? {
        guard let elements = UpstreamJSON.root(of: body)?.elements else { return nil }
        var list: [UserAuthenticator] = []
        for element in elements {
            guard element["id"]?.kind == .string, element["type"]?.kind == .string,
                element["status"]?.kind == .string
            else { return nil }
            list.append(UserAuthenticator(json: element.rawText))
        }
        return list
    }
}
