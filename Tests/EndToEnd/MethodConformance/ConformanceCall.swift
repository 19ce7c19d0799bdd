import Foundation

/// What a case has at hand to make its call ready: users of its own, and calls as the client that it is shown to.
struct ConformanceCall {
    let stage: ConformanceBed
    let client: String

    init(_ stage: ConformanceBed, _ client: String) {
        self.stage = stage
        self.client = client
    }

    var sandbox: SandboxControl { stage.sandbox }

    /// A redirect URI that the client has registered, and one that it has not.
    static let redirectURI = "https://app.example/callback"
    static let foreignURI = "https://evil.example/callback"

    /// A user made for one case.
    struct User {
        let id: String
        let username: String
        let email: String
        let phoneNumber: String
        let password: String
    }

    /// What is different about a user.
    struct UserOptions {
        /// Nil for a user without a password.
        var isTemporary: Bool? = false
        var status = "Active"
        var hasUsername = true
        var hasEmail = true
        var hasPhoneNumber = true
        var isVerified = true
        /// How long ago the user was made.
        var age: Int?
    }

    /// Makes a user with username, email, phone number and password, the addresses verified.
    func user(_ change: (inout UserOptions) -> Void = { _ in }) async throws -> User {
        var options = UserOptions()
        change(&options)
        let number = stage.newNumber()
        let name = "walker\(number)"
        let (email, phone) = ("\(name)@example.com", "+1617555\(1000 + number)")
        let password = Self.password("Wanderdüne")
        var body: [String: JSONTree] = [
            "status": .string(options.status), "email_verified": .boolean(options.isVerified),
            "phone_number_verified": .boolean(options.isVerified), "external_user_id": .string("ext-\(number)"),
        ]
        if options.hasUsername { body["username"] = .string(name) }
        if options.hasEmail { body["email"] = .string(email) }
        if options.hasPhoneNumber { body["phone_number"] = .string(phone) }
        if let isTemporary = options.isTemporary {
            body["credentials"] = ["password": .string(password), "force_replace": .boolean(isTemporary)]
        }
        let made: JSONTree
        if let age = options.age {
            made = try await sandbox.ago(age) { try await sandbox.send("POST", "users", .object(body)) }
        } else {
            made = try await sandbox.send("POST", "users", .object(body))
        }
        guard let id = made["user"]?["user_id"]?.string else { throw HarnessFailure("no user: \(made)") }
        return User(id: id, username: name, email: email, phoneNumber: phone, password: password)
    }

    /// A number that no user has.
    func stranger() -> User {
        let number = stage.newNumber()
        return User(
            id: "nobody\(number)",
            username: "nobody\(number)",
            email: "nobody\(number)@example.com",
            phoneNumber: "+1617666\(1000 + number)",
            password: "Wanderdüne-nobody-\(number)!"
        )
    }

    /// A password that the default policy accepts and that nobody has.
    func newPassword() -> String { Self.password("Sandbank") }

    /// A password with all kinds of characters and none of them three times in a row.
    private static func password(_ word: String) -> String {
        let digits = (0..<4).map { _ in String(Int.random(in: 10...99)) }
        return "\(word)-\(digits.joined(separator: "-"))!"
    }

    /// A text that is no password, code or token of anybody, long enough to be looked for afterwards.
    func wrong() -> String { "Irrlicht-\(UInt32.random(in: 100_000_000...999_999_999))" }

    /// Makes a call that must have a result, on the way to the call that is shown.
    @discardableResult
    func result(_ method: String, _ params: JSONTree) throws -> JSONTree {
        let answer = try stage.ask(method, params, as: client).answer
        guard let result = answer["result"], result["verdict"]?.string != "denied" else {
            throw HarnessFailure("\(method) on the way: \(answer)")
        }
        return result
    }

    /// Makes a call whose answer is of no interest, so many times.
    func spend(_ times: Int, _ method: String, _ params: JSONTree) throws {
        for _ in 0..<times { _ = try stage.ask(method, params, as: client) }
    }

    /// Has an endpoint refuse with this answer, until the case is over.
    func mosaicRefuses(
        _ endpoint: String,
        _ status: Int,
        _ shape: String,
        code: String? = nil,
        message: String? = nil
    )
        async throws
    {
        stage.alter()
        var fault: [String: JSONTree] = [
            "action": "status", "status": .number(Double(status)), "shape": .string(shape),
        ]
        if let code { fault["code"] = .string(code) }
        if let message { fault["message"] = .string(message) }
        try await sandbox.fail(endpoint, .object(fault))
    }

    /// Changes the login preferences, until the case is over.
    func prefer(_ changes: JSONTree) async throws {
        stage.alter()
        try await sandbox.send("PATCH", "preferences", changes)
    }

    /// A send that reaches somebody, who then has one message more.
    ///
    /// - Parameter members: what the result has beside the verdict.
    func sent(_ params: JSONTree, to address: String, _ members: [String: Shape] = [:]) async throws -> Attempt {
        let before = try await sandbox.messageCount(to: address)
        return Attempt(params, .result(members.merging(["verdict": .equal("accepted")]) { $1 })) { _ in
            let count = try await sandbox.messageCount(to: address)
            guard count == before + 1 else { throw HarnessFailure("\(count - before) messages were sent") }
        }
    }

    /// Says how E17 refuses a wrong password, which no source documents, until the case is over.
    func setWrongPasswordShape(_ shape: String) async throws {
        stage.alter()
        try await sandbox.send("PUT", "settings", ["wrong_password_shape": .string(shape)])
    }

    /// Disables a user.
    func disable(_ user: User) async throws {
        try await sandbox.send("PUT", "users/\(user.id)/status", ["status": "Disabled"])
    }

    /// Logs the user in with the password.
    func login(_ user: User) throws -> JSONTree {
        try result(
            "password.authenticate",
            ["username": .string(user.email), "username_type": "email", "password": .string(user.password)]
        )
    }

    /// The code in the newest message of a kind to an address.
    func code(to address: String, kind: String = "one_time_code") async throws -> String {
        guard let code = try await sandbox.message(to: address, kind: kind)["code"]?.string else {
            throw HarnessFailure("the \(kind) has no code")
        }
        return code
    }
}

/// The members of a result that grants a backend session.
func tokens(of userID: String?, _ methods: [String], verdict: Bool = true) -> [String: Shape] {
    var shapes: [String: Shape] = [
        "access_token": .jwt, "id_token": .jwt, "refresh_token": .text, "token_type": .equal("Bearer"),
        "expires_in": .equal(3600), "session_id": .text,
        "amr": .equal(.array(methods.map { .string($0) })), "user_id": userID.map { .equal(.string($0)) } ?? .text,
    ]
    if verdict { shapes["verdict"] = .equal("granted") }
    return shapes
}
