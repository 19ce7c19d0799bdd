package import Secrets
import StrictJSON

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

    package static let endpoint = APIEndpoint("user_lookup", .users)

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL {
        let users = endpoints.baseURL.appending(path: "v1/users")
        return switch key {
        case .userID(let value): endpoints.user(value)
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

    package var target: UpstreamTarget? { UpstreamTarget(key.value) }

    package var requiredMembers: [RequiredMember] { MosaicUser.requiredMembers }

    package func output(of response: UpstreamResponse) -> MosaicUser? { MosaicUser(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<MosaicUser, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}

/// The request of E27, `POST /v1/users`.
package struct UserCreateOperation: APIOperation {
    /// The first password.
    package struct Credentials: Sendable {
        /// The password, in UTF-8.
        package let password: Secret
        /// Whether it is temporary and must be replaced at the first login. Always sent: Mosaic's default is true.
        package let forceReplace: Bool

        /// A first password.
        package init(password: Secret, forceReplace: Bool) {
            self.password = password
            self.forceReplace = forceReplace
        }
    }

    /// Who the user is.
    package var profile: MosaicUserProfile
    /// The first password, if there is to be one.
    package var credentials: Credentials?

    /// When it is sent, in seconds since 1970; see ``CreatedUser``.
    let requestedAt: Int64

    /// A new user.
    package init(
        profile: MosaicUserProfile,
        credentials: Credentials? = nil,
        requestedAt: Int64 = WallClock.secondsSince1970()
    ) {
        self.profile = profile
        self.credentials = credentials
        self.requestedAt = requestedAt
    }

    package static let endpoint = APIEndpoint("user_create", .users, path: "v1/users")

    package var body: UpstreamRequest.Body? {
        .object(capacity: profile.capacity + 6 * (credentials?.password.count ?? 0)) { writer in
            profile.encodeMembers(to: &writer)
            if let credentials {
                writer.key("credentials")
                writer.beginObject()
                writer.field("password", credentials.password)
                writer.field("force_replace", credentials.forceReplace)
                writer.endObject()
            }
        }
    }

    package var requiredMembers: [RequiredMember] { MosaicUser.requiredMembers }

    package func output(of response: UpstreamResponse) -> CreatedUser? {
        MosaicUser(parsing: response.body).map { user in
            CreatedUser(user, asked: credentials, requestedAt: requestedAt)
        }
    }

    package func output(of refusal: UpstreamError) -> Result<CreatedUser, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: credentials == nil ? .profile : .newPassword))
    }
}

/// What came of E27.
package struct CreatedUser: Sendable {
    /// The user, who may have existed before.
    package let user: MosaicUser
    /// Whether the password of the request is now the user's.
    package let credentialsSet: Bool

    /// Works out whether the password was set.
    ///
    /// E27 attaches a user that the tenant knows already to the application and updates nothing, a password included.
    /// So the user that came back counts as having the new password only if both are new: user and password were made
    /// after the request was, and the password is temporary exactly if that was asked for. Clocks may differ by
    /// ``clockTolerance``; if they differ by more, the answer is no, which never hides an old password.
    ///
    /// - Parameter requestedAt: When the request was sent, in seconds since 1970.
    package init(_ user: MosaicUser, asked: UserCreateOperation.Credentials?, requestedAt: Int64) {
        self.user = user
        guard let asked, let password = user.password else {
            credentialsSet = false
            return
        }
        let earliest = (requestedAt - Self.clockTolerance) * 1000
        let isNew = [password.updatedAt, user.createdAt].allSatisfy { $0.map { $0 >= earliest } ?? false }
        credentialsSet = isNew && password.isTemporary == asked.forceReplace
    }

    /// Seconds by which Mosaic's clock may be behind the host's.
    static let clockTolerance: Int64 = 120
}

/// The request of E38, `PUT /v1/users/{user_id}`: a merge into the profile.
package struct UserUpdateOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package var userID: [UInt8]
    /// The fields to change. Objects and arrays replace whole; `custom_data` merges at its first level.
    package var profile: MosaicUserProfile
    /// `Active`, `Disabled` or `Pending`.
    package var status: String?

    /// A change of a user.
    package init(userID: [UInt8], profile: MosaicUserProfile, status: String? = nil) {
        self.userID = userID
        self.profile = profile
        self.status = status
    }

    package static let endpoint = APIEndpoint("user_update", .users)

    package static var method: UpstreamRequest.Method { .put }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.user(userID) }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: profile.capacity) { writer in
            profile.encodeMembers(to: &writer)
            writer.field("status", status)
        }
    }

    package var requiredMembers: [RequiredMember] { MosaicUser.requiredMembers }

    package func output(of response: UpstreamResponse) -> MosaicUser? { MosaicUser(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<MosaicUser, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}

/// The query of E37, `GET /v1/users`.
package struct UserSearchOperation: APIOperation, Hashable {
    /// A SCIM filter.
    package var filter: String?
    /// A prefix of the primary email address or phone number.
    package var prefix: String?
    /// How many users to skip.
    package var pageOffset: Int?
    /// How many users to answer at most. Always sent: Mosaic's own default is not documented.
    package var pageLimit: Int
    /// `email`, `created_at`, `phone_number`, `last_auth` or `organization_added_at`.
    package var sortField: String?
    /// `asc` or `desc`.
    package var sortOrder: String?

    /// A search for all users.
    package init(pageLimit: Int) {
        self.pageLimit = pageLimit
    }

    /// The parameters that are given, under Mosaic's names.
    var parameters: [(name: String, value: [UInt8])] {
        let pairs: [(String, String?)] = [
            ("search", filter), ("search_prefix", prefix), ("page_offset", pageOffset.map(String.init)),
            ("page_limit", String(pageLimit)), ("sort_field", sortField), ("sort_order", sortOrder),
        ]
        return pairs.compactMap { name, value in value.map { (name: name, value: Array($0.utf8)) } }
    }

    package static let endpoint = APIEndpoint("user_listing", .users)

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL {
        endpoints.baseURL.appending(path: "v1/users").appending(query: parameters)
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result", .array)] }

    package func output(of response: UpstreamResponse) -> UserPage? { UserPage(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<UserPage, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}

/// One page of users.
package struct UserPage: Sendable {
    /// The users, each as Mosaic wrote it.
    package let users: ForwardedList<MosaicUser>
    /// How many users the search finds in all.
    package let totalCount: Int?
    /// Whether there is a page after this one.
    package let hasNextPage: Bool?
    /// Whether there is a page before this one.
    package let hasPreviousPage: Bool?

    /// Reads the answer of E37; `nil` when it breaks the contract.
    init?(parsing body: [UInt8]) {
        // `{"result":[{…}]}` becomes `{"result":{"users":[{…}]}}`.
        guard let root = UpstreamJSON.root(of: body, deeper: 1), let elements = root["result"]?.elements else {
            return nil
        }
        users = ForwardedList(elements) { MosaicUser($0) }
        totalCount = root["total_count"]?.integer.flatMap { Int(exactly: $0) }
        hasNextPage = root["page_info"]?["has_next_page"]?.boolean
        hasPreviousPage = root["page_info"]?["has_previous_page"]?.boolean
    }
}

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

    package static let endpoint = APIEndpoint("user_logout", .sessions, path: "v1/auth/logout")

    package var authorization: APIAuthorization { .userToken(accessToken) }

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

/// The request of E39, `GET /v1/users/{userId}/authenticators`: the ways in which a user can log in.
package struct UserAuthenticatorsOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package let userID: [UInt8]

    /// The authenticators of a user.
    package init(userID: [UInt8]) { self.userID = userID }

    package static let endpoint = APIEndpoint("user_authenticators", .users)

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL {
        endpoints.user(userID).appending(path: "authenticators")
    }

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

extension MosaicEndpoints {
    /// `/v1/users/{user_id}`, the id percent-encoded as one path segment.
    func user(_ userID: [UInt8]) -> ServiceURL { baseURL.appending(path: "v1/users").appending(segment: userID) }
}
