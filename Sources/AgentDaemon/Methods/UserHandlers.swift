import AgentProtocol
import MosaicAPI
import Secrets
import StrictJSON

extension MethodRegistry {
    /// Adds the methods about users.
    mutating func addUserMethods() {
        // `user.get` by E31–E36.
        on(UserGet.self) { parameters, context in
            let user = try await context.perform(
                UserGetOperation(by: UserKey(parameters.user))
            )
            return Reply(UserResult(user))
        }
        // `user.create` by E27.
        on(UserCreate.self) { parameters, context in
            let created = try await context.perform(
                UserCreateOperation(
                    profile: MosaicUserProfile(parameters.profile),
                    credentials: parameters.credentials.map { credentials in
                        UserCreateOperation.Credentials(
                            password: credentials.password,
                            forceReplace: credentials.forceReplace
                        )
                    }
                ),
                conflict: "another user of the application has one of the identifiers"
            )
            let lacksPassword = parameters.credentials != nil && !created.credentialsSet
            let result = UserResult(created.user)
            return Reply(
                UserCreate.Result(
                    user: result.user,
                    credentialsSet: created.credentialsSet,
                    omitted: result.omitted
                ),
                reason: lacksPassword ? "credentials_not_set" : nil
            )
        }
        // `user.update` by E38.
        on(UserUpdate.self) { parameters, context in
            let user = try await context.perform(
                UserUpdateOperation(
                    userID: parameters.userID.bytes,
                    profile: MosaicUserProfile(parameters.profile),
                    status: parameters.status
                ),
                conflict: "another user of the application has one of the identifiers"
            )
            return Reply(UserResult(user))
        }
        // `user.search` by E37.
        on(UserSearch.self) { parameters, context in
            let page = try await context.perform(UserSearchOperation(parameters))
            var omitted = OmittedNames()
            omitted.add(elements: page.users.omitted)
            let users = page.users.elements.enumerated().map { index, user in
                let result = UserResult(user.element)
                omitted.add(result.omitted, of: "users", at: index)
                return result.user
            }
            return Reply(
                UserSearch.Result(
                    users: users,
                    totalCount: page.totalCount,
                    pageInfo: UserSearch.PageInfo(
                        hasNextPage: page.hasNextPage,
                        hasPreviousPage: page.hasPreviousPage
                    ),
                    omitted: omitted.list
                )
            )
        }
        // `user.authenticators` by E39.
        on(UserAuthenticators.self) { parameters, context in
            let list = try await context.perform(
                UserAuthenticatorsOperation(userID: parameters.userID.bytes)
            )
            var omitted = OmittedNames()
            omitted.add(elements: list.omitted)
            let authenticators = list.elements.enumerated().map { index, authenticator in
                let object = authenticator.element.object
                var names = object.omitted
                let json = UserAuthenticators.Result.authenticator(object.json, omitted: &names)
                omitted.add(names, of: "authenticators", at: index)
                return json
            }
            return Reply(UserAuthenticators.Result(authenticators: authenticators, omitted: omitted.list))
        }
    }
}

extension UserKey {
    /// The look-up for a user named in this way.
    fileprivate init(_ target: Target) {
        let value = target.identifier.bytes
        self =
            switch target.kind {
            case .userID: .userID(value)
            case .username: .username(value)
            case .email: .email(value)
            case .phoneNumber: .phoneNumber(value)
            case .externalUserID: .externalUserID(value)
            default: .identifier(name: Array(target.kind.mosaicName.utf8), value: value)
            }
    }
}

extension MosaicUserProfile {
    /// What the parameters say about a user, in Mosaic's form.
    init(_ profile: UserProfile) {
        self.init()
        email = profile.email.map { Secret(copying: $0.bytes) }
        phoneNumber = profile.phoneNumber.map { Secret(copying: $0.bytes) }
        username = profile.username.map { Secret(copying: $0.bytes) }
        secondaryEmails = profile.secondaryEmails
        secondaryPhoneNumbers = profile.secondaryPhoneNumbers
        name = profile.name.map { name in JSONText { name.encode(to: &$0) } }
        birthday = profile.birthday
        address = profile.address.map { address in JSONText { address.encode(to: &$0) } }
        language = profile.language
        picture = profile.picture
        externalUserID = profile.externalUserID.map { Secret(copying: $0.bytes) }
        externalAccountID = profile.externalAccountID
        customData = profile.customData
        customAppData = profile.customAppData
        delegatedAccess = profile.delegatedAccess.map { access in JSONText { access.encode(to: &$0) } }
    }
}

extension UserSearchOperation {
    /// The listing that these parameters ask for.
    fileprivate init(_ parameters: UserSearch.Parameters) {
        self.init(pageLimit: parameters.pageLimit ?? UserSearch.Parameters.defaultPageLimit)
        filter = parameters.search
        prefix = parameters.searchPrefix
        pageOffset = parameters.pageOffset
        sortField = parameters.sortField
        sortOrder = parameters.sortOrder
    }
}

/// The names of what a result leaves out of what Mosaic sent, as the `omitted` of results tells them.
struct OmittedNames {
    /// More than so many are not told one by one.
    static let maximum = 100

    private var names: [String] = []
    private var untold = 0

    /// The value of `omitted`.
    var list: [String] { untold == 0 ? names : names + ["and \(untold) more"] }

    /// Adds a name.
    mutating func add(_ name: String) {
        if names.count < Self.maximum { names.append(name) } else { untold += 1 }
    }

    /// Adds the elements of Mosaic's list that were left out whole.
    mutating func add(elements positions: [Int]) {
        for position in positions { add("list[\(position)]") }
    }

    /// Adds members of an element of the result's own list.
    mutating func add(_ members: [String], of list: String, at index: Int) {
        for member in members { add("\(list)[\(index)].\(member)") }
    }
}

extension UserResult {
    /// The result about a user, as Mosaic described it.
    init(_ user: MosaicUser) {
        var omitted = user.object.omitted
        let object = UserObject(user.object.json, omitted: &omitted)
        var names = OmittedNames()
        for name in omitted { names.add(name) }
        self.init(user: object, omitted: names.list)
    }
}

/// How many bytes a result still has room for, so that lists in it end before it is too large.
struct ResultRoom {
    /// What lists may take together; leaves room for what is around them.
    private(set) var bytes = ProtocolLimits.maximumResultBytes - 4096

    /// As many of the first elements as there is room for; takes that room.
    mutating func fitting<Element: WireObject>(_ elements: some Sequence<Element>) -> [Element] {
        var fitting: [Element] = []
        for element in elements {
            var writer = JSONWriter()
            element.encode(to: &writer)
            // With the comma behind it.
            let length = writer.bytes.count + 1
            guard length <= bytes else { break }
            bytes -= length
            fitting.append(element)
        }
        return fitting
    }
}
