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
        let app = try call.client.app
        let user = try await services.store.read { db in try db.appUser(username: username, appID: app.appID) }
        return try UserLookup.reply(user, app: app, now: services.clock.now)
    }
}

/// E32: `GET /cis/v1/users/{user_id}`.
struct UserByIDRoute: EndpointHandler {
    let endpoint = Endpoint.userByID
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let user = try await services.store.read { db in try db.appUser(userID: userID, appID: app.appID) }
        return try UserLookup.reply(user, app: app, now: services.clock.now)
    }
}
