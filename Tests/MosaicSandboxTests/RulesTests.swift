import Foundation
import HTTPTypes
import MosaicSandbox
import Testing

@Suite struct `Lockout` {
    let start = Date(timeIntervalSince1970: 1_800_000_000)

    func minutes(_ count: Double) -> Date { start.addingTimeInterval(count * 60) }

    @Test func `the configured number of failures locks for the configured time`() {
        var preferences = PasswordPreferences()
        preferences.maxPasswordFailures = 3
        preferences.passwordSuspensionDuration = 10
        var lockout = PasswordLockout()
        for second in 0..<2 {
            lockout.recordFailure(at: start.addingTimeInterval(Double(second)), preferences)
            #expect(!lockout.isLocked(at: start.addingTimeInterval(Double(second))))
        }
        lockout.recordFailure(at: start, preferences)
        #expect(lockout.isLocked(at: start))
        #expect(lockout.isLocked(at: minutes(10).addingTimeInterval(-0.001)))
        #expect(!lockout.isLocked(at: minutes(10)))
        #expect(lockout.failureCount(at: minutes(10), preferences) == 0)
    }

    @Test func `a try under a lock neither counts nor prolongs it`() {
        var preferences = PasswordPreferences()
        preferences.maxPasswordFailures = 1
        var lockout = PasswordLockout()
        lockout.recordFailure(at: start, preferences)
        let before = lockout
        lockout.recordFailure(at: minutes(14), preferences)
        #expect(lockout == before)
    }

    @Test func `failures are forgotten after failuresExpireIn`() {
        var preferences = PasswordPreferences()
        preferences.maxPasswordFailures = 2
        preferences.failuresExpireIn = 15
        var lockout = PasswordLockout()
        lockout.recordFailure(at: start, preferences)
        #expect(lockout.failureCount(at: minutes(14.9), preferences) == 1)
        #expect(lockout.failureCount(at: minutes(15), preferences) == 0)
        lockout.recordFailure(at: minutes(15), preferences)
        #expect(!lockout.isLocked(at: minutes(15)))
        lockout.recordFailure(at: minutes(16), preferences)
        #expect(lockout.isLocked(at: minutes(16)))
    }

    @Test func `tiers lock longer as failures go on, and the last one repeats`() {
        var preferences = PasswordPreferences()
        preferences.lockoutTiers = [.init(attempts: 2, duration: 15), .init(attempts: 3, duration: 60)]
        var lockout = PasswordLockout()
        lockout.recordFailure(at: start, preferences)
        #expect(!lockout.isLocked(at: start))
        lockout.recordFailure(at: start, preferences)
        #expect(lockout.lockedUntil == minutes(15))
        lockout.recordFailure(at: minutes(15), preferences)
        #expect(lockout.lockedUntil == minutes(75))
        lockout.recordFailure(at: minutes(80), preferences)
        #expect(lockout.lockedUntil == minutes(140))
        #expect(lockout.failureCount(at: minutes(140), preferences) == 4)
        #expect(lockout.failureCount(at: minutes(156), preferences) == 0)
    }

    @Test func `clearing forgets all`() {
        var preferences = PasswordPreferences()
        preferences.maxPasswordFailures = 1
        var lockout = PasswordLockout()
        lockout.recordFailure(at: start, preferences)
        lockout.clear()
        #expect(lockout == PasswordLockout())
    }
}

@Suite struct `Password rules` {
    @Test(arguments: [
        (1, "aaaaaa", true), (2, "aaaaaa", false), (2, "aaaa11", true), (3, "aaaa11", false), (3, "aaAA11", true),
        (4, "aaAA11", false), (4, "aaAA11!", true), (4, "aaaAA1!", true), (5, "aaaAA1!", false), (5, "aaAA1!", true),
        (5, "Straße12 Ö", true), (9, "aaAA1!", true), (0, "a", true),
    ])
    func `complexity levels ask for variety`(level: Int, password: String, isEnough: Bool) {
        #expect(PasswordComplexity(level: level).problems(of: password).isEmpty == isEnough)
    }

    @Test func `the length counts characters`() {
        var preferences = PasswordPreferences()
        preferences.passwordMinLength = 5
        preferences.passwordComplexity = 1
        #expect(PasswordPolicy(preferences).violations(of: "äöüßé").isEmpty)
        #expect(PasswordPolicy(preferences).violations(of: "abcd").map(\.code) == [.authPasswordWeak])
        #expect(PasswordPolicy(preferences).violations(of: "abcd", enforceComplexity: false).isEmpty)
    }

    @Test(arguments: [
        (false, 0.0, PasswordState.valid), (false, 89.99, .valid), (false, 90, .expired), (true, 0, .temporary),
        (true, 2.99, .temporary), (true, 3, .temporaryLapsed),
    ])
    func `the state follows age and kind`(isTemporary: Bool, days: Double, state: PasswordState) {
        let updated = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(
            PasswordState(
                isTemporary: isTemporary,
                updatedAt: updated,
                now: updated.addingTimeInterval(days * 86_400),
                PasswordPreferences()
            ) == state
        )
    }

    @Test func `ignoreExpiration spares permanent passwords only`() {
        var preferences = PasswordPreferences()
        preferences.ignoreExpiration = true
        let updated = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(PasswordState.expiry(isTemporary: false, updatedAt: updated, preferences) == nil)
        #expect(PasswordState.expiry(isTemporary: true, updatedAt: updated, preferences) != nil)
    }

    @Test(
        arguments: [
            ["passwordMinLength": 4], ["passwordMinLength": 15], ["passwordComplexity": 0], ["passwordComplexity": 6],
            ["blockPreviousPasswords": 21], ["passwordExpiresIn": 0], ["maxPasswordFailures": 21],
            ["passwordSuspensionDuration": 0], ["failuresExpireIn": 525_601], ["resetValidityMinutes": 4],
            ["tempPasswordValidityHours": 8761], ["lockoutTiers": [["attempts": 0, "duration": 1]]],
            ["lockoutTiers": [["attempts": 1, "duration": 0]]], ["passwordMinLength": "14"], ["ignoreExpiration": 1],
        ] as [[String: JSONValue]]
    )
    func `preferences out of the contract's range are refused`(members: [String: JSONValue]) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.control(.patch, "preferences", ["password": .object(members)])
            #expect(answer.status == 400)
        }
    }
}

@Suite struct `Password hashes` {
    @Test func `a hash verifies its password and no other, and names its cost`() async throws {
        let hasher = PasswordHasher(cost: .init(logarithmicRounds: 2))
        let hash = try await hasher.hash("secret")
        #expect(hash.hasPrefix("$scrypt$ln=2,r=8,p=1,v=2$"))
        #expect(!hash.contains("secret"))
        #expect(try await hasher.verify("secret", against: hash))
        #expect(try await !hasher.verify("Secret", against: hash))
        #expect(try await !hasher.verify("", against: hash))
        #expect(try await !hasher.verify("secret", against: nil))
        #expect(try await PasswordHasher(cost: .init(logarithmicRounds: 3)).verify("secret", against: hash))
        #expect(try await hasher.hash("secret") != hash)
    }

    @Test func `the standard cost takes 16 MiB`() {
        #expect(PasswordHasher.Cost.standard.logarithmicRounds == 14)
        #expect(SandboxConfiguration().hashCost == .standard)
    }

    @Test func `the key is that of RFC 7914`() async throws {
        // scrypt of the bytes 00 'p' with salt "s" at N=4, r=8, p=1, computed with Python's hashlib.scrypt.
        let key = "Bez6GKtA6hPCVLdjvwfkGsr22n0ath7vwNHV9QlVLu4="
        #expect(try await PasswordHasher(cost: .standard).verify("p", against: "$scrypt$ln=2,r=8,p=1$cw==$\(key)"))
    }
}
