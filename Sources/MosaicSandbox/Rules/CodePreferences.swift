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
