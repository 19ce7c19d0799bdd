import Crypto
import Foundation
import GRDB

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
