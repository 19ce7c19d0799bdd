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
