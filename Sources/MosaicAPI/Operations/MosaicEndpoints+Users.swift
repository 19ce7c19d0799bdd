/// The URLs of users and their passwords. Values from outside are percent-encoded, each as one path segment.
extension MosaicEndpoints {
    /// E27 and E37: `/v1/users`.
    package var users: ServiceURL { baseURL.appending(path: "v1/users") }

    /// E38: `/v1/users/{user_id}`.
    package func user(_ userID: [UInt8]) -> ServiceURL { users.appending(segment: userID) }

    /// E28 and E29: `/v1/users/{user_id}/password`.
    package func userPassword(_ userID: [UInt8]) -> ServiceURL { user(userID).appending(path: "password") }

    /// E39: `/v1/users/{userId}/authenticators`.
    package func userAuthenticators(_ userID: [UInt8]) -> ServiceURL { user(userID).appending(path: "authenticators") }

    /// E30: `/v1/users/me/password-credentials`.
    package var ownPasswordCredentials: ServiceURL { users.appending(path: "me/password-credentials") }

    /// E14: `/v1/auth/password/validate`.
    package var passwordValidate: ServiceURL { baseURL.appending(path: "v1/auth/password/validate") }

    /// E31–E36.
    package func user(by key: UserKey) -> ServiceURL {
        switch key {
        case .userID(let value): user(value)
        case .username(let value): users.appending(path: "username").appending(segment: value)
        case .email(let value): users.appending(path: "email").appending(segment: value)
        case .phoneNumber(let value): users.appending(path: "phone-number").appending(segment: value)
        case .externalUserID(let value): users.appending(path: "external-user-id").appending(segment: value)
        case .identifier(let name, let value):
            users.appending(path: "identifier").appending(query: [
                (name: "identifier_name", value: name), (name: "identifier_value", value: value),
            ])
        }
    }
}
