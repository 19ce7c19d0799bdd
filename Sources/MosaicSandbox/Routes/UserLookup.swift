import Foundation

/// The common answer of the look-ups E31–E36.
enum UserLookup {
    /// 200 with the user under `result`, or 404 in shape B.
    static func reply(_ user: AppUser?, app: AppRecord, now: Date) throws -> Reply {
        guard let user else { throw APIError.message(404, "User not found") }
        return Reply(200, ["result": try UserObject.json(user, app: app, now: now)])
    }
}
