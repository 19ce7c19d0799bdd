import GRDB

/// E40: `GET /cis/loginPreferences/{app_id}`.
struct PreferencesGetRoute: EndpointHandler {
    let endpoint = Endpoint.loginPreferences
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        try LoginPreferences.reply(try LoginPreferences.app(of: call))
    }
}

/// E41: `PUT /cis/loginPreferences/{app_id}/authMethods`. Each member that is given replaces the present one whole.
struct PreferencesUpdateRoute: EndpointHandler {
    let endpoint = Endpoint.updateAuthMethods
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let appID = try LoginPreferences.app(of: call).appID
        let given = try call.fields {
            .messages(400, $0)
        } read: { fields in
            for method in LoginMethodSchema.members.keys.sorted() { LoginMethodSchema.read(method, &fields) }
            for method in LoginMethodSchema.readOnly where fields.has(method) {
                fields.report("\(method) is read-only")
            }
            let names = Array(LoginMethodSchema.members.keys) + Array(LoginMethodSchema.opaque)
            var methods: [String: JSONValue] = [:]
            for name in names { methods.set(name, fields.freeObject(name).map(JSONValue.object)) }
            return methods
        }
        let app = try await services.store.write { db in
            var app = try db.app(appID)
            app.authMethods.merge(given) { $1 }
            try app.update(db)
            return app
        }
        return try LoginPreferences.reply(app)
    }
}

private enum LoginPreferences {
    /// The app that the path names, if it is the caller's; the sandbox has no other.
    static func app(of call: EndpointCall) throws -> AppRecord {
        let appID = try call.parameter("app_id")
        let app = try call.client.app
        guard app.appID == appID else { throw APIError.message(404, "Application not found") }
        return app
    }

    static func reply(_ app: AppRecord) throws -> Reply {
        Reply(200, ["result": ["auth_methods": .object(app.authMethods)]])
    }
}
