import Foundation
import Testing

extension EndToEnd {
    /// Logins whose password step the agent takes and which go on in the browser.
    @Suite struct BrowserLogin {
        private static let application = "https://app.example/callback"

        private static func begin(_ world: TestBed, more: String = "") throws -> JSONTree {
            try world.agent.ask(
                "password.login",
                #"{"username":"alice","password":"\#(Passwords.alice)","redirect_uri":"\#(application)"\#(more)}"#
            )
        }

        /// The code that a browser would bring to the application.
        private static func code(_ world: TestBed) async throws -> String {
            let url = try #require(try begin(world)["result"]?["url"]?.string)
            return try #require(try await world.follow(url)["code"])
        }

        private static func exchange(_ code: String, more: String, in world: TestBed) throws -> JSONTree {
            try world.agent.ask("code.exchange", #"{"code":"\#(code)",\#(more)}"#)
        }

        private static let redirect = #""redirect_uri":"\#(application)""#

        @Test func `on the command line, from the password to the log-out`() async throws {
            try await TestBed.with(agent: .allowing("login session token")) { world in
                let begun = try await world.agent.ctl(
                    "--json",
                    "browser",
                    "login",
                    "alice",
                    "--redirect-uri",
                    Self.application,
                    "--password-stdin",
                    "--show-tokens",
                    input: Passwords.alice
                )
                #expect(begun.status == 0, "\(begun.error)")
                let result = try JSONTree(begun.output)["result"]
                #expect(result?["verdict"]?.string == "continue")
                let url = try #require(result?["url"]?.string)
                let code = try #require(try await world.follow(url)["code"])

                let exchange = ["--json", "browser", "exchange", "--redirect-uri", Self.application, "--code-stdin"]
                let exchanged = try await Self.ctl(exchange + ["--show-tokens"], input: code, in: world)
                #expect(exchanged.status == 0, "\(exchanged.error)")
                let tokens = try #require(try JSONTree(exchanged.output)["result"])
                #expect(tokens["amr"] == .array([.string("pwd")]) && tokens["session_id"] == nil)

                let refreshToken = try #require(tokens["refresh_token"]?.string)
                let file = try world.scratch.write("refresh.token", refreshToken)
                let refresh = ["token", "refresh", "--kind", "oidc", "--token-file", file, "--write-token", file]
                let refreshed = try await Self.ctl(refresh, in: world)
                #expect(refreshed.status == 0, "\(refreshed.error)")
                let next = try String(contentsOfFile: file, encoding: .utf8)
                #expect(next != refreshToken && next.count > 20)

                let access = try #require(tokens["access_token"]?.string)
                let ended = try await Self.ctl(["user", "logout", "--token-stdin"], input: access, in: world)
                #expect(ended.status == 0 && ended.output.contains("1"), "\(ended.error)")
                let dead = try await Self.ctl(refresh, in: world)
                #expect(dead.status == 8, "\(dead.output)\(dead.error)")
                #expect(try String(contentsOfFile: file, encoding: .utf8) == next)

                _ = try await world.agent.process.terminate()
                for secret in [url, code, refreshToken, access, next.trimmingCharacters(in: .newlines)] {
                    #expect(!world.agent.process.error.contains(secret))
                    #expect(!refreshed.output.contains(secret))
                }
            }
        }

        private static func ctl(
            _ arguments: [String],
            input: String = "",
            in world: TestBed
        ) async throws -> RunningProcess.Outcome {
            try await RunningProcess.run(
                Binaries.mosaicctl,
                ["--socket", world.agent.socket, "--control-socket", world.agent.controlSocket] + arguments,
                input: input,
                label: "ctl",
                in: world.scratch
            )
        }

        @Test func `a code works once, in time, and for the redirect URI that it came to`() async throws {
            try await TestBed.with(agent: .allowing("login token")) { world in
                let code = try await Self.code(world)
                let elsewhere = try Self.exchange(code, more: #""redirect_uri":"http://127.0.0.1/callback""#, in: world)
                #expect(elsewhere["error"]?["code"]?.integer == 1205)
                let tokens = try #require(try Self.exchange(code, more: Self.redirect, in: world)["result"])
                let again = try Self.exchange(code, more: Self.redirect, in: world)
                #expect(again["error"]?["code"]?.integer == 1205)
                // The second use has ended what the first one had brought.
                let refreshToken = try #require(tokens["refresh_token"]?.string)
                let refreshed = try world.agent.ask(
                    "token.refresh",
                    #"{"refresh_token":"\#(refreshToken)","kind":"oidc"}"#
                )
                #expect(refreshed["error"]?["code"]?.integer == 1205)

                let legacy = try Self.exchange(try await Self.code(world), more: #""legacy":true"#, in: world)
                #expect(legacy["result"]?["is_user_created"]?.boolean == false)
                #expect(legacy["result"]?["refresh_token"]?.string?.isEmpty == false)

                for form in [Self.redirect, #""legacy":true"#] {
                    let late = try await Self.code(world)
                    try await world.sandbox.control("clock", "advance", "301s")
                    #expect(try Self.exchange(late, more: form, in: world)["error"]?["code"]?.integer == 1205)
                    #expect(try Self.exchange("no-code", more: form, in: world)["error"]?["code"]?.integer == 1205)
                }
            }
        }

        @Test func `it never grants: a second factor may follow, a password may have to change`() async throws {
            try await TestBed.with(agent: .allowing("login")) { world in
                let url = try #require(try Self.begin(world, more: #","require_mfa":true"#)["result"]?["url"]?.string)
                let query = try await world.follow(url)
                #expect(query["error"] == "mfa_required" && query["code"] == nil)
                func login(_ user: String, _ password: String) throws -> JSONTree {
                    try world.agent.ask(
                        "password.login",
                        #"{"username":"\#(user)","password":"\#(password)",\#(Self.redirect)}"#
                    )
                }
                let temporary = try login("temp", Passwords.temporary)["result"]
                #expect(temporary?["verdict"]?.string == "password_change_required")
                #expect(temporary?["cause"]?.string == "temporary")
                let denied: JSONTree = ["jsonrpc": "2.0", "id": 1, "result": ["verdict": "denied"]]
                for (user, password) in [
                    ("alice", Passwords.wrong), ("nobody", Passwords.wrong), ("gone", Passwords.inactive),
                ] {
                    #expect(try login(user, password) == denied, "\(user)")
                }
            }
        }

        /// The methods that name a redirect URI, with one that the application has not registered.
        static let foreign: [(method: String, params: String)] = [
            ("password.login", #""username":"alice","password":"\#(Passwords.alice)""#),
            ("link.send", #""identifier_type":"email","identifier":"alice@example.com""#),
            ("reset.send_email_link", #""email":"alice@example.com""#),
            ("reset.create_link", #""email":"alice@example.com""#),
        ]

        @Test func `a redirect URI that is not registered is not configured, whatever the method`() async throws {
            try await TestBed.with(agent: .allowing("login reset reset-direct")) { world in
                for (method, params) in Self.foreign {
                    let answer = try world.agent.ask(method, #"{\#(params),"redirect_uri":"https://other.example/"}"#)
                    #expect(answer["error"]?["code"]?.integer == 1204, "\(method): \(answer)")
                    #expect(answer["error"]?["data"]?["kind"]?.string == "not_configured", "\(method)")
                }
                // Unknown users get no other answer.
                let nobody = #"{"email":"nobody@example.com","redirect_uri":"https://other.example/"}"#
                #expect(try world.agent.ask("reset.send_email_link", nobody)["error"]?["code"]?.integer == 1204)
            }
        }
    }
}
