import Foundation
import GRDB

extension Outbox {
    /// Tells a user of a new password by mail where the app wants that.
    ///
    /// - Returns: the address that the mail went to.
    func noticePassword(
        of userID: String,
        _ app: AppRecord,
        _ preferences: PasswordPreferences,
        now: Date,
        in db: Database
    ) throws -> String? {
        guard preferences.notifyOnPasswordUpdate,
            let address = try db.appUser(userID: userID, appID: app.appID)?.primary(.email)?.value
        else { return nil }
        try post(
            MessageComposer(app: app, userID: userID, now: now).passwordNotice(to: address, look: preferences.message),
            in: db
        )
        return address
    }
}
