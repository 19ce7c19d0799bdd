import Crypto
import Foundation
import GRDB

/// E37: `GET /cis/v1/users`.
///
/// Without `page_limit` a page has ``standardLimit`` users; the contract gives only the maximum. Users without the sorted value
/// come last in ascending order; users are otherwise in the order of their creation, so that pages fit together.
struct UserSearchRoute: EndpointHandler {
    let endpoint = Endpoint.searchUsers
    let services: SandboxServices

    static let standardLimit = 100
    static let maximumLimit = 5000

    private enum SortField: String, CaseIterable {
        case email
        case createdAt = "created_at"
        case phoneNumber = "phone_number"
        case lastAuth = "last_auth"
        case organizationAddedAt = "organization_added_at"
    }

    private enum SortOrder: String, CaseIterable {
        case ascending = "asc"
        case descending = "desc"
    }

    private struct Query {
        var filter: UserFilter?
        var prefix: String?
        var offset: Int
        var limit: Int
        var field: SortField
        var order: SortOrder
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let query = try call.queryFields { fields in
            Query(
                filter: Self.filter(&fields),
                prefix: fields.string("search_prefix"),
                offset: fields.integerText("page_offset", in: 0...Int.max) ?? 0,
                limit: fields.integerText("page_limit", in: 1...Self.maximumLimit) ?? Self.standardLimit,
                field: fields.oneOf("sort_field", SortField.self) ?? .createdAt,
                order: fields.oneOf("sort_order", SortOrder.self) ?? .ascending
            )
        }
        let app = try call.client.app
        let users = try await services.store.read { db in try db.appUsers(appID: app.appID) }
        var found = users.filter { user in
            (query.filter?.matches(user) ?? true) && (query.prefix.map { Self.hasPrefix(user, $0) } ?? true)
        }
        Self.sort(&found, by: query.field, query.order)
        let page = found.dropFirst(query.offset).prefix(query.limit)
        let now = services.clock.now
        return Reply(
            200,
            [
                "result": .array(try page.map { try UserObject.json($0, app: app, now: now) }),
                "total_count": .integer(Int64(found.count)),
                "page_info": [
                    "has_next_page": .boolean(page.endIndex < found.endIndex && query.offset < found.count),
                    "has_previous_page": .boolean(query.offset > 0 && !found.isEmpty),
                ],
            ]
        )
    }

    private static func filter(_ fields: inout RequestFields) -> UserFilter? {
        guard let text = fields.string("search") else { return nil }
        do throws(UserFilterParser.Failure) {
            return try UserFilter(text)
        } catch {
            fields.report(error.description)
            return nil
        }
    }

    /// Whether the primary email or phone begins with that text.
    private static func hasPrefix(_ user: AppUser, _ prefix: String) -> Bool {
        let email = user.primary(.email).map { $0.key.utf8.starts(with: Identifiers.emailKey(prefix).utf8) }
        let phone = user.primary(.phoneNumber).map { $0.key.utf8.starts(with: prefix.utf8) }
        return email ?? false || phone ?? false
    }

    private static func sort(_ users: inout [AppUser], by field: SortField, _ order: SortOrder) {
        // The sort is stable, so that equal users keep the order of their creation; descending reverses only the values.
        switch field {
        case .createdAt, .organizationAddedAt: sort(&users, order) { $0.user.createdAt }
        case .lastAuth: sort(&users, order) { $0.user.lastAuth }
        case .email: sort(&users, order) { $0.primary(.email)?.key }
        case .phoneNumber: sort(&users, order) { $0.primary(.phoneNumber)?.key }
        }
    }

    private static func sort<Value: Comparable>(
        _ users: inout [AppUser],
        _ order: SortOrder,
        by value: (AppUser) -> Value?
    ) {
        users.sort { left, right in
            switch (value(left), value(right)) {
            case (let left?, let right?): order == .ascending ? left < right : right < left
            case (nil, nil): false
            case (_?, nil): order == .ascending
            case (nil, _?): order == .descending
            }
        }
    }
}

/// E39: `GET /cis/v1/users/{user_id}/authenticators`. A bare array.
///
/// The password is listed when the user has one; one-time methods when the app has configured them and the user has a primary
/// address for them, `Registered` until the address is verified.
struct UserAuthenticatorsRoute: EndpointHandler {
    let endpoint = Endpoint.listAuthenticators
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let now = services.clock.now
        let list = try await services.store.read { db -> [JSONValue] in
            guard let user = try db.appUser(userID: userID, appID: app.appID) else { throw UserLookup.notFound }
            let lockout = try db.passwordLockout(userID: userID)
            return Self.password(of: user, lockout, now: now)
                + Self.oneTime(of: user, app, locked: try db.locks(of: userID, now: now))
        }
        return Reply(status: 200, body: .array(list))
    }

    private static func password(of user: AppUser, _ lockout: PasswordLockout, now: Date) -> [JSONValue] {
        guard let password = user.password else { return [] }
        let status =
            if lockout.isLocked(at: now) {
                "Locked"
            } else {
                password.isActive ? "Active" : "Deactivated"
            }
        var object = common("password", user, status: status, registeredAt: password.updatedAt)
        object.set("last_failed_authentication", lockout.failures.last?.mosaicDateTime)
        return [.object(object)]
    }

    private struct OneTime {
        var type: String
        /// The member of the login preferences that configures it.
        var setting: String
        var kind: AddressRecord.Kind
        /// What locks it after wrong tries; links have none.
        var method: OneTimeMethod?
    }

    private static let oneTimeMethods = [
        OneTime(type: "email_otp", setting: "email_otp", kind: .email, method: .emailCode),
        OneTime(type: "email_magic_link", setting: "email", kind: .email),
        OneTime(type: "sms_otp", setting: "sms", kind: .phoneNumber, method: .smsCode),
    ]

    private static func oneTime(of user: AppUser, _ app: AppRecord, locked: Set<OneTimeMethod>) -> [JSONValue] {
        oneTimeMethods.compactMap { oneTime in
            guard app.authMethods[oneTime.setting] != nil, let address = user.primary(oneTime.kind) else { return nil }
            let isLocked = oneTime.method.map(locked.contains) ?? false
            return .object(
                common(
                    oneTime.type,
                    user,
                    status: isLocked ? "Locked" : address.verifiedAt == nil ? "Registered" : "Active",
                    registeredAt: address.verifiedAt ?? user.user.createdAt
                )
            )
        }
    }

    private static func common(
        _ type: String,
        _ user: AppUser,
        status: String,
        registeredAt: Date
    ) -> [String: JSONValue] {
        // The same ID at every call, without a table to keep it in.
        let digest = Data(SHA256.hash(data: Data("\(user.user.userID) \(type)".utf8)))
        var object: [String: JSONValue] = [
            "id": .string(digest.prefix(16).base64URLText), "type": .string(type), "status": .string(status),
            "registered_at": .string(registeredAt.mosaicDateTime),
        ]
        let used = user.identities.first { $0.authType == type }
        object.set("last_successful_authentication", used?.lastAuthAt.mosaicDateTime)
        return object
    }
}

extension Database {
    /// The one-time methods that are locked for the user.
    fileprivate func locks(of userID: String, now: Date) throws -> Set<OneTimeMethod> {
        let locks = try OneTimeLockRecord.filter(Column("userID") == userID && Column("lockedUntil") > now)
            .fetchAll(self)
        return Set(locks.map(\.method))
    }
}
