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
