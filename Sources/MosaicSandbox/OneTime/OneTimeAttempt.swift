import Foundation
import GRDB

/// A user as a caller of one-time login names it.
struct UserReference: Sendable, Equatable {
    /// `email`, `phone_number`, `user_id`, `username`; other types are a tenant's own, of which the sandbox has none.
    var type: String
    /// As it was given.
    var value: String

    /// The value as it is looked up.
    var key: String { type == "email" ? Identifiers.emailKey(value) : value }
}

/// One try of a passcode.
struct OneTimeAttempt: Sendable {
    var passcode: String
    /// The methods whose codes it may be: E21 does not say which.
    var methods: [OneTimeMethod]
    var reference: UserReference
    var requestID: String?
    var client: ClientRecord

    /// What a try came to.
    enum Outcome: Sendable {
        case granted(AppUser, OneTimeCodeRecord)
        /// No such user or code, another code, another request, another client.
        case wrong
        /// The right code, too late.
        case expired
        /// Too many wrong tries; the code was not looked at.
        case locked
    }
}

extension Database {
    /// The app's user that a reference names.
    func appUser(_ reference: UserReference, appID: String) throws -> AppUser? {
        if reference.type == "user_id" { return try appUser(userID: reference.value, appID: appID) }
        return try UsernameType(rawValue: reference.type).flatMap { try appUser($0, reference.value, appID: appID) }
    }

    /// Adds a code; the user's older ones of that method end, because the newest is the valid one (contract section 12).
    func issue(_ code: OneTimeCodeRecord) throws {
        try execute(
            sql: "UPDATE oneTimeCode SET endedAt = ? WHERE userID = ? AND method = ? AND endedAt IS NULL",
            arguments: [code.createdAt, code.userID, code.method.rawValue]
        )
        // Codes long past are of no use even for the count of links per minute.
        try execute(
            sql: "DELETE FROM oneTimeCode WHERE expiresAt < ?",
            arguments: [code.createdAt.addingTimeInterval(-86_400)]
        )
        var code = code
        try code.insert(self)
    }

    /// Whether the method is locked for the user at that time.
    func isLocked(_ method: OneTimeMethod, userID: String, at now: Date) throws -> Bool {
        let lock = try OneTimeLockRecord.fetchOne(self, key: ["userID": userID, "method": method.rawValue])
        return lock.map { now < $0.lockedUntil } ?? false
    }

    /// Tries a passcode against the newest codes of its methods and counts a wrong one against each of them.
    ///
    /// Only codes that the caller could use are looked at: sent to the same identifier, by the same client unless the app
    /// allows others, under the same request ID. A wrong request ID costs nothing, for it says nothing about the code.
    func attempt(_ attempt: OneTimeAttempt, app: AppRecord, now: Date) throws -> OneTimeAttempt.Outcome {
        guard let user = try appUser(attempt.reference, appID: app.appID), user.user.status != .disabled else {
            return .wrong
        }
        var candidates: [(record: OneTimeCodeRecord, limits: OneTimeLimits)] = []
        var isLocked = false
        for method in attempt.methods {
            guard let limits = try app.limits(method) else { continue }
            if try self.isLocked(method, userID: user.user.userID, at: now) {
                isLocked = true
            } else if let record = try newestCode(method, user: user, app: app),
                attempt.mayUse(record, limits)
            {
                candidates.append((record, limits))
            }
        }
        if candidates.isEmpty { return isLocked ? .locked : .wrong }
        let digest = TokenIssuer.digest(attempt.passcode)
        if var match = candidates.first(where: { ConstantTime.equal($0.record.digest, digest) })?.record {
            guard now < match.expiresAt else { return .expired }
            match.endedAt = now
            try match.update(self)
            try verifyAddress(of: match, now: now)
            let fresh = try appUser(attempt.reference, appID: app.appID) ?? user
            return .granted(fresh, match)
        }
        for (record, limits) in candidates where now < record.expiresAt {
            try countFailure(record, limits, now: now)
        }
        return .wrong
    }

    /// Marks the address that a code went to as verified, if it is still the user's.
    func verifyAddress(of code: OneTimeCodeRecord, now: Date) throws {
        guard let kind = code.addressKind, let key = code.addressKey else { return }
        try execute(
            sql: """
                UPDATE address SET verifiedAt = ? WHERE userID = ? AND kind = ? AND key = ? AND verifiedAt IS NULL
                """,
            arguments: [now, code.userID, kind.rawValue, key]
        )
    }

    private func newestCode(_ method: OneTimeMethod, user: AppUser, app: AppRecord) throws -> OneTimeCodeRecord? {
        try OneTimeCodeRecord
            .filter(
                Column("method") == method.rawValue && Column("userID") == user.user.userID
                    && Column("appID") == app.appID && Column("endedAt") == nil
            )
            .order(Column("id").desc)
            .fetchOne(self)
    }

    private func countFailure(_ record: OneTimeCodeRecord, _ limits: OneTimeLimits, now: Date) throws {
        var record = record
        record.failures += 1
        if record.failures >= limits.maxFailures {
            record.endedAt = now
            try OneTimeLockRecord(
                userID: record.userID,
                method: record.method,
                lockedUntil: now.addingTimeInterval(limits.lockoutDuration * 60)
            ).upsert(self)
        }
        try record.update(self)
    }
}

extension OneTimeAttempt {
    /// Whether the code is one that this attempt may be about.
    fileprivate func mayUse(_ record: OneTimeCodeRecord, _ limits: OneTimeLimits) -> Bool {
        record.identifierType == reference.type && record.identifier == reference.key
            && record.requestID == requestID
            && (record.clientID == client.clientID || limits.crossClientsAllowed)
    }
}

/// The ways to hand a user something that works once.
///
/// The names of the first four are the contract's `auth_type` values; locks are kept per user and method.
package enum OneTimeMethod: String, Sendable, Codable, CaseIterable {
    /// E18's link.
    case emailLink = "email_magic_link"
    /// E20's code by mail.
    case emailCode = "email_otp"
    /// E20's code by SMS.
    case smsCode = "sms_otp"
    /// E20's code for the caller to pass on.
    case directCode = "direct_otp"
    /// E8's code.
    case resetEmailCode = "reset_email_otp"
    /// E10's code.
    case resetSMSCode = "reset_sms_otp"

    /// What the ID token's `amr` says of it.
    ///
    /// The contract has no value for a direct code; `otp` is the registered one (RFC 8176).
    var authenticationMethod: String {
        switch self {
        case .emailLink: "eml"
        case .emailCode, .resetEmailCode: "eotp"
        case .smsCode, .resetSMSCode: "sms"
        case .directCode: "otp"
        }
    }
}

/// The rules for one method's codes, drawn from an app's login preferences.
struct OneTimeLimits: Sendable, Equatable {
    /// Minutes a code lives unless the call says otherwise.
    var lifetime: Double
    /// Digits of a code.
    var codeLength: Int
    /// Wrong tries before a code is invalid.
    var maxFailures: Int
    /// Minutes that the method is locked afterwards.
    var lockoutDuration: Double
    /// Whether another client of the app may authenticate with a code.
    var crossClientsAllowed: Bool
}

extension AppRecord {
    /// The rules for codes of that method; nil when the app has not configured it.
    ///
    /// Direct codes go by the mail method's settings, else by SMS's. Reset codes have lifetime and length of their own and
    /// share tries and lock with the channel they travel by, or its defaults.
    func limits(_ method: OneTimeMethod) throws -> OneTimeLimits? {
        switch method {
        case .emailLink: return nil
        case .emailCode: return try codePreferences(.email).map(OneTimeLimits.init)
        case .smsCode: return try codePreferences(.sms).map(OneTimeLimits.init)
        case .directCode:
            return try (codePreferences(.email) ?? codePreferences(.sms)).map(OneTimeLimits.init)
        case .resetEmailCode, .resetSMSCode:
            guard let password = try passwordPreferences else { return nil }
            let channel = try codePreferences(method == .resetEmailCode ? .email : .sms) ?? CodePreferences()
            var limits = OneTimeLimits(channel)
            limits.lifetime = Double(password.resetValidityMinutes)
            limits.codeLength = password.codeLength
            return limits
        }
    }
}

extension OneTimeLimits {
    init(_ preferences: CodePreferences) {
        lifetime = preferences.expiresIn
        codeLength = preferences.codeLength
        maxFailures = preferences.maxFailures
        lockoutDuration = preferences.lockoutDuration
        crossClientsAllowed = preferences.crossClientsAllowed
    }
}

extension UserReference {
    /// Reads `identifier_type` and `identifier`, both mandatory.
    init(_ fields: inout RequestFields) {
        type = fields.string("identifier_type", required: true, nonEmpty: true) ?? ""
        value = fields.string("identifier", required: true, nonEmpty: true, allowsNUL: true) ?? ""
    }
}

extension RequestFields {
    /// A lifetime in minutes: more than nothing, at most a year.
    mutating func minutes(_ name: String) -> Double? {
        guard let minutes = number(name) else { return nil }
        guard minutes > 0, minutes <= 525_600 else {
            report("\(name) must be minutes, more than 0 and at most 525600")
            return nil
        }
        return minutes
    }
}
