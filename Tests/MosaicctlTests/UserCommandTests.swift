import Foundation
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// `mosaicctl user …` and `mosaicctl password …`.
@Suite(.longTimeLimit) struct UserCommandTests {
    static let user = #"""
        {"user_id":"u1","status":"Active","username":"ann","email":{"value":"a@x","email_verified":false},
        "password_information":{"temporary":true,"expired":false},"name":{"first_name":"Ann","last_name":"Lee"},
        "custom_data":{"tier":"\u001b[31mgold"}}
        """#.replacing("\n", with: "")

    /// Runs a command against an agent that answers every call alike.
    private func run(
        _ arguments: [String],
        input: String = "",
        answer: String
    ) async throws -> (outcome: Ctl.Outcome, requests: [String]) {
        let requests = Mutex<[String]>([])
        let outcome = try await FakeAgent.answering { request in
            let text = request.rawText.description
            requests.withLock { $0.append(text) }
            return answer
        } _: { path in
            try await Ctl.run(arguments, socket: path, input: input)
        }
        return (outcome, requests.withLock { $0 })
    }

    private static func request(_ method: String, _ params: String) -> [String] {
        [#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#]
    }

    @Test func `create sends what was given and says when the password was not set`() async throws {
        let (outcome, requests) = try await run(
            [
                "user", "create", "--email", "a@x", "--username", "ann", "--first-name", "Ann", "--secondary-email",
                "b@x", "--address", #"{"city":"Bonn","type":"Home"}"#, "--custom-data", #"{"tier": 1.0}"#,
                "--temporary", "--password-stdin",
            ],
            input: "pw\n",
            answer: #""result":{"user":\#(Self.user),"credentials_set":false}"#
        )
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(
            requests
                == Self.request(
                    "user.create",
                    #"{"email":"a@x","username":"ann","secondary_emails":["b@x"],"name":{"first_name":"Ann"},"#
                        + #""address":{"city":"Bonn","type":"Home"},"custom_data":{"tier": 1.0},"#
                        + #""credentials":{"password":"pw","force_replace":true}}"#
                )
        )
        #expect(outcome.output.contains("user id      u1\n"))
        #expect(outcome.output.contains("e-mail       a@x (not verified)\n"))
        #expect(outcome.output.contains("name         Ann Lee\n"))
        #expect(outcome.output.contains("password     temporary\n"))
        #expect(outcome.output.contains("the password was not set"))
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test func `a password needs to be said temporary or permanent`() async throws {
        for arguments in [
            ["user", "create", "--username", "a", "--password-stdin"],
            ["password", "update", "u1", "--password-stdin"],
            ["password", "register", "u1", "--temporary", "--permanent", "--password-stdin"],
        ] {
            let (outcome, requests) = try await run(arguments, input: "pw", answer: #""result":{}"#)
            #expect(outcome.status == 64, "\(arguments)")
            #expect(requests.isEmpty)
        }
    }

    @Test(arguments: [
        ([], #"{"user_id":"v"}"#), (["--type", "phone_number"], #"{"phone_number":"v"}"#),
        (["--type", "idpIdentifier"], #"{"identifier_name":"idpIdentifier","identifier_value":"v"}"#),
    ])
    func `get names the kind of identifier`(options: [String], params: String) async throws {
        let (outcome, requests) = try await run(
            ["user", "get", "v", "--json"] + options,
            answer: #""result":{"user":\#(Self.user)}"#
        )
        #expect(requests == Self.request("user.get", params))
        #expect(try outcome.json["command"]?.string == "user get")
        #expect(try outcome.json["result"]?["user"]?["user_id"]?.string == "u1")
        let (missing, _) = try await run(
            ["user", "get", "v"] + options,
            answer: Canned.error(1203, "not_found", outcome: "refused")
        )
        #expect(missing.status == 8, "Mosaic's own no leaves nothing open")
        #expect(!missing.error.contains("may have taken effect"))
    }

    @Test func `search shows a table and the way to the next page`() async throws {
        let (outcome, requests) = try await run(
            ["user", "search", "a@", "--limit", "2", "--offset", "4", "--sort", "email", "--descending"],
            answer: #""result":{"users":[\#(Self.user),{"user_id":"u22","status":"Pending"}],"total_count":9,"#
                + #""page_info":{"has_next_page":true}}"#
        )
        #expect(
            requests
                == Self.request(
                    "user.search",
                    #"{"search_prefix":"a@","page_offset":4,"page_limit":2,"sort_field":"email","sort_order":"desc"}"#
                )
        )
        #expect(
            outcome.output == """
                USER ID  STATUS   USER NAME  E-MAIL  PHONE NUMBER  NAME
                u1       Active   ann        a@x     -             Ann Lee
                u22      Pending  -          -       -             -

                2 of 9; more with --offset 6

                """
        )
    }

    @Test func `update and authenticators name the user`() async throws {
        let (updated, change) = try await run(
            ["user", "update", "u1", "--status", "Disabled", "--language", "de"],
            answer: #""result":{"user":\#(Self.user)}"#
        )
        #expect(updated.status == 0 && updated.output.contains("Active"))
        #expect(change == Self.request("user.update", #"{"user_id":"u1","language":"de","status":"Disabled"}"#))
        let (listed, list) = try await run(
            ["user", "authenticators", "u1"],
            answer: #""result":{"authenticators":[{"id":"a1","type":"password","status":"Locked"}]}"#
        )
        #expect(list == Self.request("user.authenticators", #"{"user_id":"u1"}"#))
        #expect(listed.output.contains("password  Locked"))
    }

    @Test func `passwords are set and never shown`() async throws {
        let answer = #""result":{"message":"done"}"#
        let (registered, register) = try await run(
            ["password", "register", "u1", "--permanent", "--username", "ann", "--no-complexity", "--password-stdin"],
            input: "PW-canary",
            answer: answer
        )
        #expect(
            register
                == Self.request(
                    "password.register",
                    #"{"user_id":"u1","password":"PW-canary","force_replace":false,"username":"ann","#
                        + #""enforce_complexity":false}"#
                )
        )
        #expect(registered.status == 0 && !(registered.output + registered.error).contains("canary"))
        let (_, update) = try await run(
            ["password", "update", "u1", "--temporary", "--password-stdin"],
            input: "pw",
            answer: answer
        )
        #expect(update == Self.request("password.update", #"{"user_id":"u1","password":"pw","force_replace":true}"#))
    }

    @Test func `a user's own first password goes with the token of a file`() async throws {
        try await FakeAgent.inScratchDirectory { directory in
            let file = directory + "/token"
            try "tok.en\n".write(toFile: file, atomically: true, encoding: .utf8)
            let (outcome, requests) = try await run(
                ["password", "register-own", "--token-file", file, "--password-stdin"],
                input: "pw",
                answer: #""result":{}"#
            )
            #expect(outcome.status == 0 && outcome.error.contains("token file"), "\(outcome.error)")
            #expect(requests == Self.request("password.register_own", #"{"access_token":"tok.en","password":"pw"}"#))
            let (refused, none) = try await run(
                ["password", "register-own", "--token-file", directory + "/none", "--password-stdin"],
                input: "pw",
                answer: #""result":{}"#
            )
            #expect(refused.status == 64 && none.isEmpty)
        }
    }

    @Test(arguments: [([], ""), (["--email", "a@x"], #","email":"a@x""#)])
    func `check exits by the answer and shows Mosaic's words`(options: [String], members: String) async throws {
        let arguments = ["password", "check", "--password-stdin"] + options
        let (bad, requests) = try await run(
            arguments,
            input: "pw",
            answer: #""result":{"valid_password":false,"errors":[{"message":"too short","code":"c"}]}"#
        )
        #expect(requests == Self.request("password.check", #"{"password":"pw"\#(members)}"#))
        #expect(bad.status == 8 && bad.output == "the password may not be chosen\n- too short\n")
        let (good, _) = try await run(arguments, input: "pw", answer: #""result":{"valid_password":true,"errors":[]}"#)
        #expect(good.status == 0)
    }
}
