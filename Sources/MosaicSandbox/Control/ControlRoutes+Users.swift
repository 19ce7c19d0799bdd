import Foundation
import GRDB
import Hummingbird

extension ControlRoutes {
    func addUsers(to router: Router<SandboxRequestContext>) {
        add(.post, "users", to: router) { call in
            let seed = try call.fields { SeedUser(&$0) }
            let user = try await services.seed(seed)
            return try await view(user.user.userID, status: 201)
        }
        add(.get, "users/{user}", to: router) { call in
            try await view(try await userID(call.parameter), status: 200)
        }
        add(.put, "users/{user}/status", to: router) { call in try await setStatus(call) }
        add(.put, "users/{user}/password", to: router) { call in try await setPasswordActive(call) }
        add(.post, "users/{user}/unlock", to: router) { call in
            let userID = try await userID(call.parameter)
            try await services.store.write { db in
                try db.setPasswordLockout(PasswordLockout(), userID: userID)
                try OneTimeLockRecord.filter(Column("userID") == userID).deleteAll(db)
            }
            return try await view(userID, status: 200)
        }
        add(.post, "users/{user}/detach", to: router) { call in
            let userID = try await userID(call.parameter)
            let appID = services.appID
            try await services.store.write { db in
                _ = try MembershipRecord.deleteOne(db, key: ["appID": appID, "userID": userID])
            }
            return Reply(status: 204, body: nil)
        }
    }

    /// The ID of the user that a path names.
    func userID(_ reference: String) async throws -> String {
        let appID = services.appID
        let found = try await services.store.read { db -> String? in
            if let user = try db.appUser(userID: reference, appID: appID) { return user.user.userID }
            for type in UsernameType.allCases {
                if let user = try db.appUser(type, reference, appID: appID) { return user.user.userID }
            }
            return nil
        }
        guard let found else { throw APIError.message(404, "No such user in the app") }
        return found
    }

    private func setStatus(_ call: ControlCall) async throws -> Reply {
        let status = try call.fields { $0.oneOf("status", UserStatus.self) }
        guard let status else { throw APIError.message(400, "status is required: Active, Disabled or Pending") }
        let userID = try await userID(call.parameter)
        let now = services.clock.now
        try await services.store.write { db in
            var user = try UserRecord.find(db, key: userID)
            user.status = status
            user.statusChangedAt = now
            user.updatedAt = now
            try user.update(db)
        }
        return try await view(userID, status: 200)
    }

    private func setPasswordActive(_ call: ControlCall) async throws -> Reply {
        let isActive = try call.fields { $0.boolean("active") }
        guard let isActive else { throw APIError.message(400, "active is required") }
        let userID = try await userID(call.parameter)
        try await services.store.write { db in
            guard var password = try PasswordRecord.fetchOne(db, key: userID) else {
                throw APIError.message(404, "The user has no password")
            }
            password.isActive = isActive
            try password.update(db)
        }
        return try await view(userID, status: 200)
    }

    /// The user object and what the cloud would not show: failures and lock.
    private func view(_ userID: String, status: Int) async throws -> Reply {
        let appID = services.appID
        let now = services.clock.now
        let body = try await services.store.read { db -> [String: JSONValue] in
            guard let user = try db.appUser(userID: userID, appID: appID) else {
                throw APIError.message(404, "No such user in the app")
            }
            let app = try db.app(appID)
            let lockout = try db.passwordLockout(userID: userID)
            var body: [String: JSONValue] = [
                "user": try UserObject.json(user, app: app, now: now),
                "password_failures": .integer(
                    Int64(lockout.failureCount(at: now, try app.passwordPreferences ?? PasswordPreferences()))
                ),
                "locked": .boolean(lockout.isLocked(at: now)),
            ]
            let locks = try OneTimeLockRecord.filter(Column("userID") == userID && Column("lockedUntil") > now)
                .order(Column("method")).fetchAll(db)
            body["one_time_locks"] = .array(
                locks.map {
                    ["method": .string($0.method.rawValue), "locked_until": .string($0.lockedUntil.mosaicDateTime)]
                }
            )
            if lockout.isLocked(at: now) { body.set("locked_until", lockout.lockedUntil?.mosaicDateTime) }
            return body
        }
        return Reply(status: status, body: .object(body))
    }
}

extension ControlRoutes {
    func addAuthorizationCodes(to router: Router<SandboxRequestContext>) {
        add(.post, "authorization-codes", to: router) { call in try await makeCode(call) }
    }

    /// Makes a code as Mosaic's hosted login would, which the sandbox does not serve: the only way to one with PKCE.
    private func makeCode(_ call: ControlCall) async throws -> Reply {
        let (user, uri, challenge, method) = try call.fields { fields in
            (
                fields.string("user", required: true, nonEmpty: true) ?? "",
                fields.string("redirect_uri", required: true, nonEmpty: true) ?? "",
                fields.string("code_challenge", nonEmpty: true),
                fields.oneOf("code_challenge_method", AuthorizationCodeRecord.ChallengeMethod.self) ?? .sha256
            )
        }
        let userID = try await userID(user)
        let (clientID, now) = (services.clientID, services.clock.now)
        let code = try await services.store.write { db -> String in
            guard let caller = try db.authorizedClient(clientID),
                let user = try db.appUser(userID: userID, appID: caller.app.appID)
            else { throw APIError.message(404, "No such user in the app") }
            guard caller.client.redirectURIs.contains(uri) else {
                throw APIError.message(400, "redirect_uri is not one of the client's")
            }
            let login = RedirectLogin(
                user: user,
                methods: ["pwd"],
                redirectURI: uri,
                request: UserTokenRequest(),
                challenge: challenge.map { ($0, method) }
            )
            return try login.insertCode(caller, now: now, db)
        }
        return Reply(201, ["code": .string(code)])
    }
}
