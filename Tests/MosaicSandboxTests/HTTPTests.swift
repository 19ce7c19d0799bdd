import Foundation
import HTTPTypes
import Hummingbird
import MosaicSandbox
import NIOCore
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `HTTP behaviour` {
    @Test func `an unknown path is 404 and a known one with another method 405, both in JSON`() async throws {
        try await SandboxHarness.run { sandbox in
            for path in ["/", "/cis", "/cis/v1/nothing", "/_sandbox/nothing", "/cis/v1/users/a/b/c"] {
                let answer = try await sandbox.send(.get, path)
                #expect(answer.status == 404)
                #expect(answer.errorCode == 404)
                #expect(answer["message"]?.string != nil)
            }
            let wrong = try await sandbox.send(.delete, "/cis/v1/users/u/password")
            #expect(wrong.status == 405)
            #expect(wrong.errorCode == 405)
            #expect(wrong.headers[.allow] == "POST, PUT")
            #expect(try await sandbox.send(.get, "/oidc/token").headers[.allow] == "POST")
        }
    }

    @Test func `a body over the limit is 413`() async throws {
        try await SandboxHarness.run { sandbox in
            var headers = SandboxHarness.bearer(try await sandbox.clientToken())
            headers[.contentType] = "application/json"
            let body = ByteBuffer(repeating: 0x20, count: 1_200_001)
            let answer = try await sandbox.send(.post, "/cis/v1/users", bytes: body, headers: headers)
            #expect(answer.status == 413)
            #expect(answer.errorCode == 413)
        }
    }

    @Test(arguments: [
        ("text/plain", "{}"), ("application/json", "["), ("application/json", "[]"), ("application/json", ""),
    ])
    func `a body that is no JSON object is refused`(type: String, text: String) async throws {
        try await SandboxHarness.run { sandbox in
            var headers = SandboxHarness.bearer(try await sandbox.clientToken())
            headers[.contentType] = type
            for path in ["/cis/v1/users", "/cis/v1/auth/password/authenticate"] {
                let answer = try await sandbox.send(.post, path, bytes: ByteBuffer(string: text), headers: headers)
                #expect(answer.status == 400)
                #expect(answer.message != nil)
            }
        }
    }

    @Test(arguments: [
        ("localhost", true), ("localhost:8443", true), ("LOCALHOST", true), ("127.0.0.1", true), ("127.0.0.1:1", true),
        ("[::1]", true), ("[::1]:8443", true), ("evil.example", false), ("127.0.0.1.evil.example", false),
        ("localhost.evil.example", false), ("[::1", false), ("[::1]x", false), ("127.0.0.1:x", false), ("", false),
        ("[::2]", false), ("127.0.0.1@evil.example", false),
    ])
    func `only names of this machine are served`(authority: String, isLocal: Bool) async throws {
        let sandbox = try await Sandbox(SandboxHarness.configuration())
        let responder = sandbox.router().buildResponder()
        let request = Request(
            head: HTTPRequest(method: .get, scheme: "https", authority: authority, path: "/cis/oidc/jwks"),
            body: .init(buffer: ByteBuffer())
        )
        let context = SandboxRequestContext(
            source: .init(channel: EmbeddedChannelBox.channel, logger: SandboxHarness.logger)
        )
        let response = try await responder.respond(to: request, context: context)
        #expect(response.status.code == (isLocal ? 200 : 421))
    }

    @Test func `no answer of an endpoint has a top-level status member`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let answers = [
                try await sandbox.token(try await sandbox.credentials()), try await sandbox.token([]),
                try await sandbox.login(), try await sandbox.login("ann", "wrong"),
                try await sandbox.call(.get, "/cis/v1/users/\(userID)"),
                try await sandbox.call(.get, "/cis/v1/users/x"),
                try await sandbox.call(.post, "/cis/v1/users", ["username": "b"]),
                try await sandbox.call(.post, "/cis/v1/users", [:]), try await sandbox.send(.get, "/cis/oidc/jwks"),
            ]
            for answer in answers {
                #expect(answer.json.members?.isEmpty == false)
                #expect(answer["status"] == nil)
            }
        }
    }
}
