import GRDB

/// E27: `POST /cis/v1/users`.
struct CreateUserRoute: EndpointHandler {
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

/// E31: `GET /cis/v1/users/username/{username}`.
struct UserByUsernameRoute: EndpointHandler {
    let endpoint = Endpoint.userByUsername
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let username = try call.parameter("username")
        return try await UserLookup.reply(to: call, services) { db, app in
            try db.appUser(username: username, appID: app.appID)
        }
    }
}

/// E32: `GET /cis/v1/users/{user_id}`.
struct UserByIDRoute: EndpointHandler {
    let endpoint = Endpoint.userByID
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        return try await UserLookup.reply(to: call, services) { db, app in
            try db.appUser(userID: userID, appID: app.appID)
        }
    }
}

/// E34: `GET /cis/v1/users/email/{email}`.
struct UserByEmailRoute: EndpointHandler {
    let endpoint = Endpoint.userByEmail
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let email = try call.parameter("email")
        guard Identifiers.isEmail(email) else { throw APIError.messages(400, ["email must be an email"]) }
        return try await UserLookup.reply(to: call, services) { db, app in
            try db.appUser(.email, email, appID: app.appID)
        }
    }
}

/// E35: `GET /cis/v1/users/phone-number/{phone_number}`, and its deprecated twin.
struct UserByPhoneRoute: EndpointHandler {
    let endpoint = Endpoint.userByPhone
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let number = try call.parameter("phone_number")
        guard Identifiers.isPhoneNumber(number) else {
            throw APIError.messages(400, ["phone_number must be a valid E.164 phone number"])
        }
        return try await UserLookup.reply(to: call, services) { db, app in
            try db.appUser(.phoneNumber, number, appID: app.appID)
        }
    }
}

/// E36: `GET /cis/v1/users/external-user-id/{external_user_id}`.
struct UserByExternalIDRoute: EndpointHandler {
    let endpoint = Endpoint.userByExternalID
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let externalID = try call.parameter("external_user_id")
        return try await UserLookup.reply(to: call, services) { db, app in
            try db.appUser(externalID: externalID, appID: app.appID)
        }
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
