import Foundation
import GRDB

extension ControlRoutes {
    /// The sandbox at a glance; no secret stands in it.
    func status() async throws -> Reply {
        let snapshot = services.requests.snapshot()
        let users = try await services.store.read { db in try UserRecord.fetchCount(db) }
        return Reply(
            200,
            [
                "now": .string(services.clock.now.mosaicDateTime), "offset_seconds": .number(services.clock.offset),
                "app_id": .string(services.appID), "client_id": .string(services.clientID),
                "users": .integer(Int64(users)), "faults": try JSONValue(encoding: services.faults.all),
                "wrong_password_shape": .string(services.settings.wrongPasswordShape.rawValue),
                "counts": Self.counts(snapshot.counts),
            ]
        )
    }

    /// Counts and requests; `after` leaves out what was seen before.
    func requestList(_ call: ControlCall) throws -> Reply {
        let after: Int
        if let text = call.query["after"] {
            guard let number = Int(text), number >= 0 else { throw APIError.message(400, "after must be a number") }
            after = number
        } else {
            after = 0
        }
        let snapshot = services.requests.snapshot(after: after)
        return Reply(
            200,
            ["counts": Self.counts(snapshot.counts), "requests": try JSONValue(encoding: snapshot.entries)]
        )
    }

    /// Endpoint → `total` (arrived) and one member per status (answered).
    private static func counts(_ counts: [String: RequestLog.Count]) -> JSONValue {
        .object(
            counts.mapValues { count in
                var members = Dictionary(
                    uniqueKeysWithValues: count.statuses.map { (String($0), JSONValue.integer(Int64($1))) }
                )
                members["total"] = .integer(Int64(count.total))
                return .object(members)
            }
        )
    }

    /// The client's settings, its secret left out.
    func clientSettings() async throws -> Reply {
        let clientID = services.clientID
        let client = try await services.store.read { db in try ClientRecord.find(db, key: clientID) }
        return Reply(
            200,
            [
                "client_id": .string(client.clientID), "access_token_ttl": .integer(Int64(client.accessTokenLifetime)),
                "refresh_token_ttl": .integer(Int64(client.refreshTokenLifetime)),
                "session_expiration": .integer(Int64(client.sessionLifetime)),
                "resources": .array(client.resources.map(JSONValue.string)),
                "redirect_uris": .array(client.redirectURIs.map(JSONValue.string)),
                "roles": try JSONValue(encoding: client.roles),
            ]
        )
    }

    /// Changes the members that are given; tokens already issued keep what they have.
    func changeClient(_ call: ControlCall) async throws -> Reply {
        let change = try call.fields { fields in
            let change = ClientChange(
                accessTokenLifetime: fields.number("access_token_ttl"),
                refreshTokenLifetime: fields.number("refresh_token_ttl"),
                sessionLifetime: fields.number("session_expiration"),
                resources: fields.strings("resources"),
                redirectURIs: fields.strings("redirect_uris"),
                roles: Self.roles(&fields)
            )
            for uri in change.redirectURIs ?? [] where !RedirectURI.isValid(uri) {
                fields.report("redirect_uris must be absolute URIs without fragment, not \(uri)")
            }
            for (name, value) in [
                ("access_token_ttl", change.accessTokenLifetime), ("refresh_token_ttl", change.refreshTokenLifetime),
                ("session_expiration", change.sessionLifetime),
            ] {
                if let value, value < 1 || value > 31_536_000 || value != value.rounded() {
                    fields.report("\(name) must be whole seconds between 1 and 31536000")
                }
            }
            return change
        }
        let clientID = services.clientID
        try await services.store.write { db in
            var client = try ClientRecord.find(db, key: clientID)
            if let value = change.accessTokenLifetime { client.accessTokenLifetime = Int(value) }
            if let value = change.refreshTokenLifetime { client.refreshTokenLifetime = Int(value) }
            if let value = change.sessionLifetime { client.sessionLifetime = Int(value) }
            if let value = change.resources { client.resources = value }
            if let value = change.redirectURIs { client.redirectURIs = value }
            if let value = change.roles { client.roles = value }
            try client.update(db)
        }
        return try await clientSettings()
    }

    private struct ClientChange: Sendable {
        var accessTokenLifetime: Double?
        var refreshTokenLifetime: Double?
        var sessionLifetime: Double?
        var resources: [String]?
        var redirectURIs: [String]?
        var roles: [ClientRecord.Role]?
    }

    /// `[{"name": "reader", "permissions": ["users:read"]}]`.
    private static func roles(_ fields: inout RequestFields) -> [ClientRecord.Role]? {
        guard let value = fields.array("roles") else { return nil }
        guard let roles: [ClientRecord.Role] = try? JSONValue.array(value).decoded() else {
            fields.report("roles must be an array of objects with name and permissions")
            return nil
        }
        return roles
    }
}
