/// What a single user is looked up by (E31–E36). Identifiers are UTF-8 and go into the URL percent-encoded.
package enum UserKey: Sendable, Hashable {
    /// E32: Mosaic's own id.
    case userID([UInt8])
    /// E31: the user name.
    case username([UInt8])
    /// E34: the primary email address.
    case email([UInt8])
    /// E35: the primary phone number.
    case phoneNumber([UInt8])
    /// E36: the id in the tenant's own system.
    case externalUserID([UInt8])
    /// E33: an identifier by its name, which is camelCase there: `phoneNumber`, `idpIdentifier`, or a tenant's own.
    case identifier(name: [UInt8], value: [UInt8])

    /// What the user is looked up by, without its kind.
    fileprivate var value: [UInt8] {
        switch self {
        case .userID(let value), .username(let value), .email(let value), .phoneNumber(let value),
            .externalUserID(let value), .identifier(_, let value):
            value
        }
    }
}

/// The requests of E31–E36, `GET /v1/users/…`: one user.
package struct UserGetOperation: APIOperation {
    /// What the user is looked up by.
    package let key: UserKey

    /// A look-up.
    package init(by key: UserKey) { self.key = key }

    package static var endpoint: APIEndpoint { .userLookup }

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.user(by: key) }

    package var target: UpstreamTarget? { UpstreamTarget(key.value) }

    package var requiredMembers: [RequiredMember] { MosaicUser.requiredMembers }

    package func output(of response: UpstreamResponse) -> MosaicUser? { MosaicUser(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<MosaicUser, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}
