import Foundation
import GRDB

/// E27: `POST /cis/v1/users`.
struct UserCreateRoute: EndpointHandler {
    let endpoint = Endpoint.createUser
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let app = try call.client.app
        let new = try call.fields {
            .messages(400, $0)
        } read: { fields in
            NewUser(&fields)
        }
        let user = try await services.users.create(new, in: app)
        return Reply(201, ["result": try UserObject.json(user, app: app, now: services.clock.now)])
    }
}

/// E31, E32 and E34–E36: a user by one value in the path.
struct UserByPathRoute: EndpointHandler {
    /// Finds the user with that value in an application.
    typealias Find = @Sendable (Database, _ value: String, _ appID: String) throws -> AppUser?

    let endpoint: Endpoint
    let services: SandboxServices
    /// The parameter of the path.
    private let parameter: String
    /// What is wrong with a value, if anything is.
    private let problem: @Sendable (_ value: String) -> String?
    private let find: Find

    private init(
        _ endpoint: Endpoint,
        _ parameter: String,
        _ services: SandboxServices,
        problem: @escaping @Sendable (String) -> String? = { _ in nil },
        find: @escaping Find
    ) {
        self.endpoint = endpoint
        self.services = services
        self.parameter = parameter
        self.problem = problem
        self.find = find
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let value = try call.parameter(parameter)
        if let problem = problem(value) { throw APIError.messages(400, [problem]) }
        return try await UserLookup.reply(to: call, services) { db, app in try find(db, value, app.appID) }
    }

    /// One route per key.
    static func all(services: SandboxServices) -> [UserByPathRoute] {
        [
            UserByPathRoute(.userByUsername, "username", services) { try $0.appUser(username: $1, appID: $2) },
            UserByPathRoute(.userByID, "user_id", services) { try $0.appUser(userID: $1, appID: $2) },
            UserByPathRoute(
                .userByEmail,
                "email",
                services,
                problem: { Identifiers.isEmail($0) ? nil : "email must be an email" },
                find: { try $0.appUser(.email, $1, appID: $2) }
            ),
            // And its deprecated twin.
            UserByPathRoute(
                .userByPhone,
                "phone_number",
                services,
                problem: { Identifiers.isPhoneNumber($0) ? nil : "phone_number must be a valid E.164 phone number" },
                find: { try $0.appUser(.phoneNumber, $1, appID: $2) }
            ),
            UserByPathRoute(.userByExternalID, "external_user_id", services) {
                try $0.appUser(externalID: $1, appID: $2)
            },
        ]
    }
}

/// E33: `GET /cis/v1/users/identifier`. The names of identifiers are camelCase here.
///
/// The sandbox has no tenant-defined identifiers, so any other name is refused; users have no identity-provider identifiers.
struct UserByIdentifierRoute: EndpointHandler {
    let endpoint = Endpoint.userByIdentifier
    let services: SandboxServices

    private enum Name: String, CaseIterable {
        case email, phoneNumber, externalUserId, username, idpIdentifier
    }

    func respond(to call: EndpointCall) async throws -> Reply {
        let (name, value) = try call.queryFields { fields -> (Name?, String?) in
            if !fields.has("identifier_name") { fields.report("identifier_name is required and must be a string") }
            return (
                fields.oneOf("identifier_name", Name.self),
                fields.string("identifier_value", required: true, nonEmpty: true)
            )
        }
        return try await UserLookup.reply(to: call, services) { db, app in
            guard let name, let value else { return nil }
            return switch name {
            case .email: try db.appUser(.email, value, appID: app.appID)
            case .phoneNumber: try db.appUser(.phoneNumber, value, appID: app.appID)
            case .username: try db.appUser(.username, value, appID: app.appID)
            case .externalUserId: try db.appUser(externalID: value, appID: app.appID)
            case .idpIdentifier: nil
            }
        }
    }
}

extension Sandbox {
    /// The handlers of users and login preferences (contract sections 9 and 10) besides creation and passwords.
    var userHandlers: [any EndpointHandler] {
        [
            PasswordRegisterOwnRoute(services: services), UserByIdentifierRoute(services: services),
            UserSearchRoute(services: services), UserUpdateRoute(services: services),
            UserAuthenticatorsRoute(services: services), PreferencesGetRoute(services: services),
            PreferencesUpdateRoute(services: services),
        ] + UserByPathRoute.all(services: services)
    }
}

/// E38: `PUT /cis/v1/users/{user_id}`.
struct UserUpdateRoute: EndpointHandler {
    let endpoint = Endpoint.updateUser
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let change = try call.fields {
            .messages(400, $0)
        } read: { fields in
            NewUser(update: &fields)
        }
        let user = try await services.users.update(userID, with: change, in: app)
        return try UserLookup.reply(user, app: app, now: services.clock.now)
    }
}

/// The common work of the look-ups E31–E36.
enum UserLookup {
    /// 200 with the user under `result`, or 404 in shape B.
    static func reply(_ user: AppUser?, app: AppRecord, now: Date) throws -> Reply {
        guard let user else { throw notFound }
        return Reply(200, ["result": try UserObject.json(user, app: app, now: now)])
    }

    /// Answers with the user that `find` finds in the app.
    static func reply(
        to call: EndpointCall,
        _ services: SandboxServices,
        find: @escaping @Sendable (Database, AppRecord) throws -> AppUser?
    ) async throws -> Reply {
        let app = try call.client.app
        let user = try await services.store.read { db in try find(db, app) }
        return try reply(user, app: app, now: services.clock.now)
    }

    /// 404 in shape B.
    static let notFound = APIError.message(404, "User not found")
}

extension Database {
    /// The application's user with that tenant-level external ID.
    func appUser(externalID: String, appID: String) throws -> AppUser? {
        guard externalID.isStorable else { return nil }
        let user = try UserRecord.filter(Column("externalUserID") == externalID).fetchOne(self)
        return try user.flatMap { try appUser(userID: $0.userID, appID: appID) }
    }

    /// All users of the application, oldest first, each read with as few statements as one.
    func appUsers(appID: String) throws -> [AppUser] {
        let memberships = try MembershipRecord.filter(Column("appID") == appID).fetchAll(self)
        let addresses = Dictionary(grouping: try AddressRecord.order(Column("id")).fetchAll(self), by: \.userID)
        let identities = Dictionary(grouping: try IdentityRecord.order(Column("rowid")).fetchAll(self), by: \.userID)
        let passwords = Dictionary(
            try PasswordRecord.fetchAll(self).map { ($0.userID, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let byID = Dictionary(memberships.map { ($0.userID, $0) }, uniquingKeysWith: { first, _ in first })
        return try UserRecord.order(Column("createdAt"), Column("rowid")).fetchAll(self).compactMap { user in
            byID[user.userID].map { membership in
                AppUser(
                    user: user,
                    membership: membership,
                    addresses: addresses[user.userID] ?? [],
                    identities: identities[user.userID] ?? [],
                    password: passwords[user.userID]
                )
            }
        }
    }
}
