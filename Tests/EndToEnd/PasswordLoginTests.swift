import Foundation
import Testing

extension EndToEnd {
    @Suite struct PasswordLogin {
        @Test func `the right password is granted, with the tokens and the session of the contract`() async throws {
            try await TestBed.with { world in
                for (type, name) in [
                    ("username", "alice"), ("email", "alice@example.com"), ("phone_number", "+16175550101"),
                ] {
                    let result = try #require(try world.agent.authenticate(name, Passwords.alice, type: type)["result"])
                    #expect(result["verdict"]?.string == "granted", "\(type)")
                    #expect(result["token_type"]?.string == "Bearer")
                    #expect(result["expires_in"]?.integer == 3600)
                    #expect(result["amr"] == .array([.string("pwd")]))
                    for member in ["access_token", "id_token", "refresh_token", "session_id", "user_id"] {
                        #expect(result[member]?.string?.isEmpty == false, "\(member)")
                    }
                }
            }
        }

        @Test func `wrong password, unknown user and inactive user get byte-identical answers`() async throws {
            try await TestBed.with { world in
                let cases = [
                    ("alice", Passwords.wrong), ("nobody", Passwords.wrong), ("gone", Passwords.inactive),
                    ("gone", Passwords.wrong),
                ]
                var lines: Set<String> = []
                for (name, password) in cases {
                    let connection = try LineSocket(world.agent.socket)
                    try connection.sendLine(
                        #"{"jsonrpc":"2.0","id":"same","method":"password.authenticate","params":"#
                            + #"{"username":"\#(name)","password":"\#(password)"}}"#
                    )
                    lines.insert(try #require(try connection.readLine()))
                }
                #expect(lines == [#"{"jsonrpc":"2.0","id":"same","result":{"verdict":"denied"}}"#])
            }
        }

        @Test func `a temporary password asks for a change and says why`() async throws {
            try await TestBed.with { world in
                let result = try #require(try world.agent.authenticate("temp", Passwords.temporary)["result"])
                #expect(result["verdict"]?.string == "password_change_required")
                #expect(result["cause"]?.string == "temporary")
                #expect(result["access_token"] == nil)
            }
        }

        @Test func `a caller whose rule says Details=yes is told the reason of a denial`() async throws {
            let access = """
                [Access tests]
                Match=any
                Clients=default
                Allow=login
                Details=yes
                """
            try await TestBed.with(agent: AgentOptions(access: access)) { world in
                let wrong = try world.agent.authenticate("alice", Passwords.wrong)
                #expect(wrong["result"]?["verdict"]?.string == "denied")
                let reason = try #require(wrong["result"]?["reason"]?.string)
                let inactive = try world.agent.authenticate("gone", Passwords.inactive)
                #expect(inactive["result"]?["reason"]?.string != reason)
            }
        }

        @Test func `a caller without a rule is forbidden, and policy explain says the same`() async throws {
            let access = """
                [Access others]
                Match=uid:64999
                Clients=default
                Allow=login
                """
            try await TestBed.with(agent: AgentOptions(access: access)) { world in
                let answer = try world.agent.authenticate("alice", Passwords.alice)
                #expect(answer["error"]?["code"]?.integer == 1001)
                #expect(answer["error"]?["data"]?["kind"]?.string == "forbidden")
                let own = try await world.agent.ctl(
                    "policy",
                    "explain",
                    "--uid",
                    String(getuid()),
                    "password.authenticate"
                )
                #expect(own.status == 4, "\(own.output)\(own.error)")
                let other = try await world.agent.ctl("policy", "explain", "--uid", "64999", "password.authenticate")
                #expect(other.status == 0, "\(other.output)\(other.error)")
                #expect(other.output.contains("others"))
            }
        }
    }
}
