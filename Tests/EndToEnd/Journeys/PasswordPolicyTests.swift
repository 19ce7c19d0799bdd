import Testing

extension EndToEnd {
    /// New passwords that the application does not accept.
    @Suite struct NewPasswords {
        @Test func `a reset refuses the old and a weak password, and then still takes a good one`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset")) { world in
                try await world.sandbox.control("preferences", #"{"password": {"blockPreviousPasswords": 3}}"#)
                let token = try #require(
                    try world.agent.ask(
                        "reset.verify_password",
                        #"{"email":"\#(Ada.email)","password":"\#(Ada.password)"}"#
                    )["result"]?["reset_token"]?.string
                )
                func complete(_ password: String) throws -> JSONTree {
                    try world.agent.ask(
                        "reset.complete",
                        #"{"reset_token":"\#(token)","new_password":"\#(password)"}"#
                    )
                }
                for password in [Ada.password, "weak"] {
                    let error = try #require(try complete(password)["error"])
                    #expect(error["code"]?.integer == 1201)
                    #expect(error["data"]?["kind"]?.string == "password_rejected")
                    let violations = try #require(error["data"]?["violations"]?.array)
                    #expect(!violations.isEmpty)
                    #expect(violations.allSatisfy { $0["message"]?.string?.isEmpty == false }, "\(violations)")
                }
                #expect(try world.verdict(Ada.password) == "granted", "a refused reset changes nothing")
                #expect(try complete(Ada.newPassword)["result"] != nil)
                try world.expectNewPassword()
            }
        }

        @Test func `history goes back as far as the application says`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login users credentials")) { world in
                try await world.sandbox.control("preferences", #"{"password": {"blockPreviousPasswords": 2}}"#)
                let user = try world.agent.ask("user.get", #"{"username":"\#(Ada.name)"}"#)["result"]?["user"]
                let id = try #require(user?["user_id"]?.string)
                func update(_ password: String) throws -> JSONTree {
                    try world.agent.ask(
                        "password.update",
                        #"{"user_id":"\#(id)","password":"\#(password)","force_replace":false}"#
                    )
                }
                func expectRecent(_ password: String) throws {
                    let error = try update(password)["error"]
                    #expect(error?["code"]?.integer == 1201)
                    #expect(
                        error?["data"]?["violations"]?[0]?["code"]?.string == "auth_password_recently_used",
                        "\(error ?? .null)"
                    )
                }
                try expectRecent(Ada.password)
                #expect(try update(Ada.newPassword)["result"] != nil)
                try expectRecent(Ada.password)
                #expect(try update("Kanarienvogel-8-Ada-third!")["result"] != nil)
                // Two passwords are remembered, the present one included: the first is free again.
                try expectRecent(Ada.newPassword)
                #expect(try update(Ada.password)["result"] != nil)
                #expect(try world.verdict(Ada.password) == "granted")
            }
        }

        @Test func `mosaicctl says what is wrong with a password and exits with 8`() async throws {
            try await TestBed.with(users: Ada.seed, agent: .allowing("login reset password-check")) { world in
                let checked = try await world.agent.ctl("password", "check", "--password-stdin", input: "weak")
                #expect(checked.status == 8 && checked.output.contains("14 characters"), "\(checked.output)")
                let token = world.scratch["token"]
                let verified = try await world.agent.ctl(
                    "reset",
                    "verify-password",
                    Ada.email,
                    "--password-stdin",
                    "--write-token",
                    token,
                    input: Ada.password
                )
                #expect(verified.status == 0, "\(verified.error)")
                let refused = try await world.agent.ctl(
                    "reset",
                    "complete",
                    "--token-file",
                    token,
                    "--password-stdin",
                    input: "weak"
                )
                #expect(refused.status == 8 && refused.error.contains("14 characters"), "\(refused.error)")
                try await world.completeReset(tokenFile: token)
            }
        }
    }
}
