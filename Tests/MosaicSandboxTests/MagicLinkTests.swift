import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Magic links (E18, E19)` {
    @Test func `a link leads to the redirect URI with code and state, and the code logs in`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createReachableUser()
            let sent = try await sandbox.sendLink(["state": "a b&c"])
            #expect(sent.status == 200)
            #expect(sent.json == ["message": "Email sent successfully"])
            let message = try #require(try await sandbox.outbox().first)
            #expect(message["kind"] == "magic_link")
            #expect(message["to"] == "ann@example.com")
            let link = try #require(message["link"]?.string)
            #expect(message["text"]?.string?.contains(link) == true)
            let target = try await sandbox.follow(link)
            #expect(target.base == SandboxHarness.redirect)
            #expect(target.query["state"] == "a b&c")
            #expect(target.query["code"] == message["code"]?.string)
            // Opening it twice does no harm: only the code is spent.
            let code = try #require(try await sandbox.follow(link).query["code"])
            let answer = try await sandbox.tryLink(code)
            #expect(answer.status == 200)
            #expect(answer["session_id"]?.string?.isEmpty == false)
            let identity = try await sandbox.identity(answer)
            #expect(identity["sub"]?.string == userID)
            #expect(identity["amr"] == ["eml"])
            let user = try await sandbox.user()
            #expect(user["email"]?["email_verified"] == true)
            #expect(user["status"] == "Active")
            let again = try await sandbox.tryLink(code)
            #expect(again.status == 400)
            #expect(again.errorCode == "400")
            #expect(again["message"] == "Invalid magic link code")
        }
    }

    @Test(arguments: [("email", "Ann@example.com"), ("username", "ann"), ("phone_number", "+16175551212")])
    func `the user can be named in several ways`(type: String, value: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let answer = try await sandbox.sendLink(["identifier_type": .string(type), "identifier": .string(value)])
            #expect(answer.status == 200)
            #expect(try await sandbox.outbox().first?["to"] == "ann@example.com")
        }
    }

    @Test func `the deprecated form names the email`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let old: [String: JSONValue] = ["identifier": .null, "identifier_type": .null]
            #expect(try await sandbox.sendLink(old.merging(["email": "ann@example.com"]) { $1 }).status == 200)
            #expect(try await sandbox.outbox().count == 1)
            #expect(try await sandbox.sendLink(old).errorCode == "400")
            #expect(try await sandbox.sendLink(["email": "ann@example.com"]).errorCode == "400")
        }
    }

    @Test func `a link expires by the app's setting or the call's`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            for (extra, seconds): ([String: JSONValue], Double) in [([:], 900), (["email_expiration": 2], 120)] {
                #expect(try await sandbox.sendLink(extra).status == 200)
                let message = try #require(try await sandbox.outbox().first)
                let code = try #require(message["code"]?.string)
                sandbox.sandbox.clock.advance(by: seconds)
                #expect(try await sandbox.tryLink(code)["message"] == "Invalid magic link code")
                let path = try #require(URLComponents(string: message["link"]?.string ?? "")?.path)
                #expect(try await sandbox.send(.get, path).status == 410)
            }
            #expect(try await sandbox.send(.get, "/_sandbox/follow/nothing").status == 404)
        }
    }

    @Test func `the newest link is the valid one`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            _ = try await sandbox.sendLink()
            _ = try await sandbox.sendLink()
            let codes = try await sandbox.outbox().compactMap { $0["code"]?.string }
            #expect(try await sandbox.tryLink(codes[1]).status == 400)
            #expect(try await sandbox.tryLink(codes[0]).status == 200)
        }
    }

    @Test func `more links within a minute than allowed are refused until it has passed`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            try await sandbox.setPreferences("email", ["linksPerUser": 2])
            #expect(try await sandbox.sendLink().status == 200)
            sandbox.sandbox.clock.advance(by: 20)
            #expect(try await sandbox.sendLink().status == 200)
            let refused = try await sandbox.sendLink()
            #expect(refused.status == 429)
            #expect(refused.errorCode == "429")
            #expect(refused.headers[.retryAfter] == "40")
            #expect(try await sandbox.outbox().count == 2)
            sandbox.sandbox.clock.advance(by: 40)
            #expect(try await sandbox.sendLink().status == 200)
        }
    }

    @Test func `a generated request ID is mandatory`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let requestID = try #require(try await sandbox.sendLink(["generate_request_id": true])["request_id"])
            let code = try #require(try await sandbox.outbox().first?["code"]?.string)
            for extra: [String: JSONValue] in [[:], ["request_id": "other"]] {
                #expect(try await sandbox.tryLink(code, extra)["message"] == "Invalid magic link code")
            }
            #expect(try await sandbox.tryLink(code, ["request_id": requestID]).status == 200)
        }
    }

    @Test func `a direct link is in the answer and verifies nothing`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let answer = try await sandbox.sendLink(["channel": "direct"])
            let code = try #require(try await sandbox.follow(answer["link"]?.string ?? "").query["code"])
            #expect(answer["code"]?.string == code)
            #expect(try await sandbox.outbox().isEmpty)
            #expect(try await sandbox.tryLink(code).status == 200)
            #expect(try await sandbox.user()["email"]?["email_verified"] == false)
        }
    }

    @Test func `a mail of the caller's own carries the link under its text`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            _ = try await sandbox.sendLink(["email_content": ["subject": "Welcome", "linkText": "Log in"]])
            let message = try #require(try await sandbox.outbox().first)
            #expect(message["subject"] == "Welcome")
            #expect(message["text"]?.string == "Log in: \(message["link"]?.string ?? "")")
        }
    }

    @Test func `every documented refusal of the send call has its shape`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            try await sandbox.createReachableUser("bob", email: "bob@example.com", phone: "+16175551213")
            try await sandbox.createUser("bare")
            _ = try await sandbox.control(.post, "users/bob/detach")
            func refused(_ extra: [String: JSONValue], _ status: Int, _ text: JSONValue) async throws {
                let answer = try await sandbox.sendLink(extra)
                #expect(answer.status == status)
                #expect(answer.errorCode == .string(String(status)))
                #expect(answer["message"] == text)
            }
            try await refused(
                ["redirect_uri": "https://evil.example/"],
                400,
                "redirect_uri is not one of the allowed redirect URIs configured for this app"
            )
            try await refused(
                ["identifier": "bob@example.com"],
                403,
                "Public signup is not allowed for this application"
            )
            try await refused(["identifier": "nobody@example.com"], 404, "User not found")
            try await refused(["identifier_type": "username", "identifier": "bare"], 404, "User not found")
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            try await refused([:], 403, "User is not active")
            try await sandbox.setPreferences("email", .null)
            try await refused([:], 404, "App not found")
            #expect(try await sandbox.outbox().isEmpty)
        }
    }

    @Test func `the redirect URIs are the client's setting`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let uri = "http://localhost:3000/done?from=mail"
            _ = try await sandbox.control(.patch, "client", ["redirect_uris": [.string(uri)]])
            #expect(try await sandbox.sendLink().status == 400)
            #expect(try await sandbox.sendLink(["redirect_uri": .string(uri)]).status == 200)
            let link = try #require(try await sandbox.outbox().first?["link"]?.string)
            #expect(try await sandbox.follow(link).query["from"] == "mail")
            for bad in ["/relative", "https://x.example/#f", "https:///x", "not a uri"] {
                #expect(try await sandbox.control(.patch, "client", ["redirect_uris": [.string(bad)]]).status == 400)
            }
        }
    }

    @Test func `a gone user and a dead session are 400, and leave the code`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            _ = try await sandbox.sendLink()
            let code = try #require(try await sandbox.outbox().first?["code"]?.string)
            let session = try await sandbox.tryLink(code, ["session_id": "none"])
            #expect(session.status == 400)
            #expect(session.errorCode == "400")
            #expect(session["message"] == "Session not found")
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            let gone = try await sandbox.tryLink(code)
            #expect(gone.status == 400)
            #expect(gone["message"] == "User not found")
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Active"])
            let first = try #require(try await sandbox.login()["session_id"])
            let answer = try await sandbox.tryLink(code, ["session_id": first])
            #expect(try await sandbox.identity(answer)["amr"] == ["pwd", "eml", "mfa"])
        }
    }

    @Test(
        arguments: [
            ["redirect_uri": .null], ["redirect_uri": 7], ["identifier": ""], ["identifier_type": .null],
            ["channel": "sms"], ["email_expiration": 0], ["email_expiration": "5"], ["state": 7],
            ["email_content": ["headerText": "x"]], ["generate_request_id": 1],
            ["device_id": .string(String(repeating: "x", count: 81))],
        ] as [JSONValue]
    )
    func `a malformed send call is a 400 in shape C`(extra: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let answer = try await sandbox.sendLink(extra.members ?? [:])
            #expect(answer.status == 400)
            #expect(answer.errorCode == "400")
            #expect(try await sandbox.tryLink("")["error_code"] == "400")
        }
    }
}
