/// Password resets: E6 to E13.
enum ResetConformance {
    static let all = [
        sendLink, createLink, sendMailCode, checkMailCode, sendTextCode, checkTextCode, checkPassword, complete,
    ]

    /// What the app wants two factors for a reset with.
    static let twoFactors: JSONTree = ["password": ["requireMFA": true]]

    /// A first factor's token, of an app that wants two.
    static func firstFactor(_ user: ConformanceCall.User, _ call: ConformanceCall) async throws -> JSONTree {
        try await call.prefer(twoFactors)
        let params: JSONTree = ["email": .string(user.email), "password": .string(user.password)]
        return try call.result("reset.verify_password", params)["reset_token"] ?? .null
    }

    /// A token that sets the user's password.
    static func resetToken(_ user: ConformanceCall.User, _ call: ConformanceCall) throws -> JSONTree {
        let params: JSONTree = ["username": .string(user.username), "password": .string(user.password)]
        return try call.result("reset.verify_password", params)["reset_token"] ?? .null
    }
}
