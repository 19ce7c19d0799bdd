/// What the contract says about the members of login preferences (section 10): types, ranges, which must be there.
///
/// Read by E41, which replaces a member whole and so wants it complete.
enum LoginMethodSchema {
    /// One setting of a method.
    struct Member: Sendable {
        enum Kind: Sendable {
            case integer(ClosedRange<Int64>)
            case boolean
            /// `primaryColor` (required), `from`, `subject`.
            case message
            /// Progressive lockout.
            case tiers
        }

        var name: String
        var isRequired: Bool
        var kind: Kind
    }

    /// The methods whose settings are documented.
    static let members: [String: [Member]] = [
        "password": [
            required("passwordMinLength", 5...14), required("passwordComplexity", 1...5),
            required("blockPreviousPasswords", 0...20), required("passwordExpiresIn", 1...1096),
            optional("ignoreExpiration", .boolean), optional("maxPasswordFailures", .integer(1...20)),
            optional("passwordSuspensionDuration", .integer(1...525_600)),
            optional("failuresExpireIn", .integer(1...525_600)), optional("lockoutTiers", .tiers),
            required("resetValidityMinutes", 5...60), optional("codeLength", .integer(4...8)),
            optional("tempPasswordValidityHours", .integer(1...8760)), optional("requireMFA", .boolean),
            optional("checkHibp", .boolean), optional("checkDictionary", .boolean),
            optional("notifyOnPasswordUpdate", .boolean), Member(name: "message", isRequired: true, kind: .message),
        ],
        "email_otp": code + [Member(name: "message", isRequired: true, kind: .message)],
        "sms": code,
        "email": [
            required("expiresIn", 1...525_600), required("linksPerUser", 1...1_000_000),
            Member(name: "message", isRequired: true, kind: .message),
        ],
    ]

    /// Methods that exist and whose settings this document does not describe: kept as they are given.
    static let opaque: Set<String> = [
        "totp", "webauthn_api", "google", "facebook", "apple", "line", "tiktok", "push",
    ]

    /// Methods that only answers contain.
    static let readOnly: Set<String> = ["pin_authenticator", "face"]

    private static let code = [
        required("expiresIn", 1...525_600), required("maxFailures", 1...20),
        optional("lockoutDuration", .integer(0...525_600)), optional("codeLength", .integer(4...8)),
        optional("crossClientsAllowed", .boolean),
    ]

    private static func required(_ name: String, _ range: ClosedRange<Int64>) -> Member {
        Member(name: name, isRequired: true, kind: .integer(range))
    }

    private static func optional(_ name: String, _ kind: Member.Kind) -> Member {
        Member(name: name, isRequired: false, kind: kind)
    }
}

extension LoginMethodSchema {
    /// Reads one method's object, reporting what is wrong with it.
    static func read(_ method: String, _ fields: inout RequestFields) {
        guard var nested = fields.object(method) else { return }
        for member in members[method] ?? [] {
            guard nested.has(member.name) else {
                if member.isRequired { fields.report("\(method).\(member.name) is required") }
                continue
            }
            switch member.kind {
            case .boolean: _ = nested.boolean(member.name)
            case .integer(let range): check(member.name, range, &nested, path: method)
            case .message:
                guard var message = nested.object("message") else { continue }
                readMessage(&message, path: "\(method).message")
                nested.absorb(message)
            case .tiers: readTiers(&nested, path: method)
            }
        }
        fields.absorb(nested)
    }

    private static func check(
        _ name: String,
        _ range: ClosedRange<Int64>,
        _ fields: inout RequestFields,
        path: String
    ) {
        guard let number = fields.number(name) else { return }
        guard let whole = Int64(exactly: number), range.contains(whole) else {
            fields.report("\(path).\(name) must be a whole number between \(range.lowerBound) and \(range.upperBound)")
            return
        }
    }

    private static func readMessage(_ message: inout RequestFields, path: String) {
        let color = message.string("primaryColor", required: true)
        _ = message.string("from")
        _ = message.string("subject")
        if let color, !isHexColor(color) { message.report("\(path).primaryColor must be a hexadecimal color") }
    }

    private static func readTiers(_ fields: inout RequestFields, path: String) {
        for (index, tier) in (fields.array("lockoutTiers") ?? []).enumerated() {
            let name = "\(path).lockoutTiers[\(index)]"
            guard let attempts = tier["attempts"]?.integer, attempts >= 1, let duration = tier["duration"]?.integer,
                (1...525_600).contains(duration)
            else {
                fields.report("\(name) must have attempts of at least 1 and duration between 1 and 525600")
                continue
            }
        }
    }

    private static func isHexColor(_ text: String) -> Bool {
        text.first == "#" && [3, 6].contains(text.utf8.count - 1) && text.dropFirst().allSatisfy(\.isHexDigit)
    }
}

/// The `email_otp` or `sms` member of an app's login preferences (contract section 10).
package struct CodePreferences: Sendable, Codable, Equatable {
    /// The members of this form.
    package enum Channel: String, Sendable, CaseIterable {
        case email = "email_otp"
        case sms
    }

    /// Minutes until a code expires.
    package var expiresIn = 5.0
    /// Wrong tries before a code is invalid and its method locked.
    package var maxFailures = 3
    /// Minutes that the method is locked for the user.
    package var lockoutDuration = 15.0
    /// Digits of a code.
    package var codeLength = 6
    /// Whether other clients of the app may authenticate with a code.
    package var crossClientsAllowed = false
    /// The look of mails; only the email channel has one.
    package var message: MessageLook?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        expiresIn = try container.decodeIfPresent(Double.self, forKey: .expiresIn) ?? expiresIn
        maxFailures = try container.decodeIfPresent(Int.self, forKey: .maxFailures) ?? maxFailures
        lockoutDuration = try container.decodeIfPresent(Double.self, forKey: .lockoutDuration) ?? lockoutDuration
        codeLength = try container.decodeIfPresent(Int.self, forKey: .codeLength) ?? codeLength
        crossClientsAllowed =
            try container.decodeIfPresent(Bool.self, forKey: .crossClientsAllowed) ?? crossClientsAllowed
        message = try container.decodeIfPresent(MessageLook.self, forKey: .message)
    }

    /// The values that are out of the contract's ranges, one sentence per member of the `channel`.
    package func problems(_ channel: Channel) -> [String] {
        var problems: [String] = []
        if !(1...20).contains(maxFailures) {
            problems.append("\(channel.rawValue).maxFailures must be between 1 and 20")
        }
        if !(4...8).contains(codeLength) { problems.append("\(channel.rawValue).codeLength must be between 4 and 8") }
        if expiresIn <= 0 { problems.append("\(channel.rawValue).expiresIn must be more than 0") }
        if lockoutDuration <= 0 { problems.append("\(channel.rawValue).lockoutDuration must be more than 0") }
        return problems
    }
}

/// The `email` member of an app's login preferences: magic links (contract section 10).
package struct LinkPreferences: Sendable, Codable, Equatable {
    /// Minutes until a link expires.
    package var expiresIn: Double
    /// How many links one user can be sent within a minute.
    package var linksPerUser: Int
    /// The look of the mails.
    package var message: MessageLook?

    /// The values that make no sense, one sentence each.
    package var problems: [String] {
        var problems: [String] = []
        if expiresIn <= 0 { problems.append("email.expiresIn must be more than 0") }
        if linksPerUser < 1 { problems.append("email.linksPerUser must be at least 1") }
        return problems
    }
}

/// The `message` member of a method that sends mail.
package struct MessageLook: Sendable, Codable, Equatable {
    package var primaryColor: String
    package var from: String?
    package var subject: String?
}

/// The `password` member of an app's login preferences (contract section 10); members that the contract lists and this type
/// does not need are kept in the stored JSON.
package struct PasswordPreferences: Sendable, Codable, Equatable {
    /// One step of progressive lockout.
    package struct LockoutTier: Sendable, Codable, Equatable {
        /// Failures that trigger the step, counted across locks.
        package var attempts: Int
        /// Minutes locked.
        package var duration: Int

        package init(attempts: Int, duration: Int) {
            self.attempts = attempts
            self.duration = duration
        }
    }

    /// Least number of characters.
    package var passwordMinLength = 14
    /// Strength level, 1 to 5; see ``PasswordComplexity``.
    package var passwordComplexity = 5
    /// How many recent passwords, the current one included, may not be used again.
    package var blockPreviousPasswords = 0
    /// Days until a permanent password expires.
    package var passwordExpiresIn = 90
    /// Whether passwords never expire.
    package var ignoreExpiration = false
    /// Wrong tries before a suspension.
    package var maxPasswordFailures = 5
    /// Length of a suspension in minutes.
    package var passwordSuspensionDuration = 15
    /// Minutes until a failure is forgotten.
    package var failuresExpireIn = 15
    /// Progressive lockout; replaces the two values above when not empty.
    package var lockoutTiers: [LockoutTier] = []
    /// Minutes that a reset token, link or code lives.
    package var resetValidityMinutes = 5
    /// Digits of a reset code.
    package var codeLength = 6
    /// Hours that a temporary password works; the contract's journey page says 72.
    package var tempPasswordValidityHours = 72
    /// Whether a reset takes two factors.
    package var requireMFA = false
    /// Whether the user gets a mail when the password changes.
    package var notifyOnPasswordUpdate = false
    /// Whether passwords are checked against breached ones when they are set.
    package var checkHibp = false
    /// Whether passwords are checked against common words when they are set.
    package var checkDictionary = false
    /// The look of mails.
    package var message: MessageLook?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? standard
        }
        passwordMinLength = try value(.passwordMinLength, passwordMinLength)
        passwordComplexity = try value(.passwordComplexity, passwordComplexity)
        blockPreviousPasswords = try value(.blockPreviousPasswords, blockPreviousPasswords)
        passwordExpiresIn = try value(.passwordExpiresIn, passwordExpiresIn)
        ignoreExpiration = try value(.ignoreExpiration, ignoreExpiration)
        maxPasswordFailures = try value(.maxPasswordFailures, maxPasswordFailures)
        passwordSuspensionDuration = try value(.passwordSuspensionDuration, passwordSuspensionDuration)
        failuresExpireIn = try value(.failuresExpireIn, failuresExpireIn)
        lockoutTiers = try value(.lockoutTiers, lockoutTiers)
        resetValidityMinutes = try value(.resetValidityMinutes, resetValidityMinutes)
        codeLength = try value(.codeLength, codeLength)
        requireMFA = try value(.requireMFA, requireMFA)
        notifyOnPasswordUpdate = try value(.notifyOnPasswordUpdate, notifyOnPasswordUpdate)
        tempPasswordValidityHours = try value(.tempPasswordValidityHours, tempPasswordValidityHours)
        checkHibp = try value(.checkHibp, checkHibp)
        checkDictionary = try value(.checkDictionary, checkDictionary)
        message = try container.decodeIfPresent(MessageLook.self, forKey: .message)
    }

    /// The values that are out of the contract's ranges, one sentence per member.
    package var problems: [String] {
        let ranges: [(String, Int, ClosedRange<Int>)] = [
            ("passwordMinLength", passwordMinLength, 5...14),
            ("passwordComplexity", passwordComplexity, 1...5),
            ("blockPreviousPasswords", blockPreviousPasswords, 0...20),
            ("passwordExpiresIn", passwordExpiresIn, 1...1096),
            ("maxPasswordFailures", maxPasswordFailures, 1...20),
            ("passwordSuspensionDuration", passwordSuspensionDuration, 1...525_600),
            ("failuresExpireIn", failuresExpireIn, 1...525_600),
            ("resetValidityMinutes", resetValidityMinutes, 5...60),
            ("codeLength", codeLength, 4...8),
            ("tempPasswordValidityHours", tempPasswordValidityHours, 1...8760),
        ]
        var problems = ranges.compactMap { name, value, range in
            range.contains(value)
                ? nil : "password.\(name) must be between \(range.lowerBound) and \(range.upperBound)"
        }
        for tier in lockoutTiers {
            if tier.attempts < 1 { problems.append("password.lockoutTiers.attempts must be at least 1") }
            if !(1...525_600).contains(tier.duration) {
                problems.append("password.lockoutTiers.duration must be between 1 and 525600")
            }
        }
        return problems
    }
}
