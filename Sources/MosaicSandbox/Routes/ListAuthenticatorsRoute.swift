import Crypto
import Foundation
import GRDB

/// E39: `GET /cis/v1/users/{user_id}/authenticators`. A bare array.
///
/// The password is listed when the user has one; one-time methods when the app has configured them and the user has a primary
/// address for them, `Registered` until the address is verified.
struct ListAuthenticatorsRoute: EndpointHandler {
    let endpoint = Endpoint.listAuthenticators
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let userID = try call.parameter("user_id")
        let app = try call.client.app
        let now = services.clock.now
        let list = try await services.store.read { db -> [JSONValue] in
            guard let user = try db.appUser(userID: userID, appID: app.appID) else { throw UserLookup.notFound }
            let lockout = try db.passwordLockout(userID: userID)
            return Self.password(of: user, lockout, now: now) + Self.oneTime(of: user, app)
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

    private static func oneTime(of user: AppUser, _ app: AppRecord) -> [JSONValue] {
        let methods: [(type: String, method: String, kind: AddressRecord.Kind)] = [
            ("email_otp", "email_otp", .email), ("email_magic_link", "email", .email), ("sms_otp", "sms", .phoneNumber),
        ]
        return methods.compactMap { type, method, kind in
            guard app.authMethods[method] != nil, let address = user.primary(kind) else { return nil }
            return .object(
                common(
                    type,
                    user,
                    status: address.verifiedAt == nil ? "Registered" : "Active",
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
        return [
            "id": .string(digest.prefix(16).base64URLText), "type": .string(type), "status": .string(status),
            "registered_at": .string(registeredAt.mosaicDateTime),
        ]
    }
}
