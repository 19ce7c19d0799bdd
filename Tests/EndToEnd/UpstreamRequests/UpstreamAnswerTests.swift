import TestSupport
import Testing

extension EndToEnd {
    /// What the agent makes of answers that are no plain success.
    @Suite struct UpstreamAnswers {
        private static let get = #"{"user_id":"u-1"}"#

        @Test func `a redirect is not followed`() async throws {
            try await UpstreamTestBed.with { world in
                for status in [301, 302, 303, 307, 308] {
                    world.mosaic.answer(.respond(status, "", headers: ["Location: /cis/elsewhere"]))
                    for (method, params) in [
                        ("user.get", Self.get), ("password.authenticate", #"{"username":"a","password":"b"}"#),
                    ] {
                        let answer = try world.agent.ask(method, params)
                        #expect(answer["error"]?["code"]?.integer == 1104, "\(status) \(answer)")
                        #expect(world.mosaic.takeCalls().count == 1, "\(status)")
                    }
                }
            }
        }

        @Test func `a redirect of the token endpoint is not followed, so nobody else gets the secret`() async throws {
            let redirect = MosaicRecorder.Step.respond(307, "", headers: ["Location: /cis/elsewhere"])
            try await UpstreamTestBed.with(tokenAnswer: redirect) { world in
                world.mosaic.answer(.respond(200, Answers.user))
                let answer = try world.agent.ask("user.get", Self.get)
                #expect(answer["error"]?["code"]?.integer == 1104, "\(answer)")
                #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
                #expect(!world.mosaic.tokenRequests.isEmpty)
                #expect(world.mosaic.takeCalls().isEmpty)
            }
        }

        @Test func `an answer over 4 MiB breaks the contract, one of 4 MiB does not`() async throws {
            try await UpstreamTestBed.with { world in
                let rest = #"{"message":"sent","filler":""}"#.utf8.count
                for (size, isTaken) in [(4 << 20, true), ((4 << 20) + 1, false)] {
                    let filler = String(repeating: "x", count: size - rest)
                    world.mosaic.answer(.respond(200, #"{"message":"sent","filler":"\#(filler)"}"#))
                    let answer = try world.agent.ask(
                        "reset.send_email_otp",
                        #"{"email":"a\#(isTaken ? 1 : 2)@example.com"}"#
                    )
                    #expect((answer["result"]?["verdict"]?.string == "accepted") == isTaken)
                    #expect((answer["error"]?["code"]?.integer == 1104) == !isTaken)
                    #expect(world.mosaic.takeCalls().count == 1)
                }
            }
        }

        /// One refusal, and what it must be for the caller.
        private struct Shape {
            let name: String
            let method: String
            let params: String
            let status: Int
            let body: String
            /// `verdict`, `reason`, `code`, `message`, `upstream`: what is to be found where.
            let expected: [String: String]
        }

        private static let shapes: [Shape] = [
            Shape(
                name: "A, a list of messages and a number",
                method: "reset.complete",
                params: #"{"reset_token":"t","new_password":"p"}"#,
                status: 400,
                body: #"{"message":["too short","too simple"],"error_code":400}"#,
                expected: ["code": "1201", "violation": "too simple", "upstream": "400"]
            ),
            Shape(
                name: "B, a message and a number",
                method: "user.get",
                params: get,
                status: 404,
                body: #"{"message":"User not found","error_code":404}"#,
                expected: ["code": "1203", "upstream": "404"]
            ),
            Shape(
                name: "C, a message and digits",
                method: "link.authenticate",
                params: #"{"code":"c"}"#,
                status: 400,
                body: #"{"message":"Invalid magic link code","error_code":"400"}"#,
                expected: ["verdict": "denied", "reason": "wrong_credentials"]
            ),
            Shape(
                name: "D, a symbol",
                method: "otp.authenticate",
                params: #"{"passcode":"1","identifier_type":"email","identifier":"a@example.com"}"#,
                status: 400,
                body: #"{"error_code":"auth_otp_passcode_expired","message":"expired"}"#,
                expected: ["verdict": "denied", "reason": "expired"]
            ),
            Shape(
                name: "E, a number and a symbol",
                method: "user.create",
                params: #"{"email":"a@example.com"}"#,
                status: 409,
                body: #"{"message":"taken","error_code":409,"ts_error_code":"email_taken"}"#,
                expected: ["code": "1202", "upstream": "409", "symbol": "email_taken"]
            ),
        ]

        @Test func `refusals in the five shapes of the API are understood`() async throws {
            try await UpstreamTestBed.with { world in
                for shape in Self.shapes {
                    world.mosaic.answer(.respond(shape.status, shape.body))
                    let answer = try world.agent.ask(shape.method, shape.params)
                    let data = answer["error"]?["data"]
                    let found: [String: String?] = [
                        "verdict": answer["result"]?["verdict"]?.string,
                        "reason": answer["result"]?["reason"]?.string,
                        "code": answer["error"]?["code"]?.integer.map(String.init),
                        "violation": data?["violations"]?[1]?["message"]?.string,
                        "upstream": data?["upstream"]?["status"]?.integer.map(String.init),
                        "symbol": data?["upstream"]?["code"]?.string,
                    ]
                    #expect(found.compactMapValues { $0 } == shape.expected, "\(shape.name): \(answer)")
                }
            }
        }

        @Test func `a refusal in OAuth's shape by the token endpoint is about the agent's credential`() async throws {
            let refusal = #"{"error":"invalid_client","error_description":"no such client"}"#
            try await UpstreamTestBed.with(tokenAnswer: .respond(401, refusal)) { world in
                let answer = try world.agent.ask("user.get", Self.get)
                #expect(answer["error"]?["code"]?.integer == 1103, "\(answer)")
                #expect(answer["error"]?["data"]?["upstream"]?["code"]?.string == "invalid_client")
                // Asking again cannot help.
                #expect(world.mosaic.tokenRequests.count == 1)
                #expect(world.mosaic.takeCalls().isEmpty)
            }
        }
    }
}
