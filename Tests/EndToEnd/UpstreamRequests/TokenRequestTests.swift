import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The client-credentials requests of E1.
    @Suite struct UpstreamTokenRequests {
        private static let odd = UpstreamTestBed.Client(id: "cl:i%e+n&t=1/x", secret: "s:e c%r+e&t=/\"")
        private static let search = #"{"page_limit":1}"#
        private static let page = #"{"result":[],"total_count":0,"page_info":{}}"#

        @Test func `client_secret_post sends id and secret in the form and nowhere else`() async throws {
            try await UpstreamTestBed.with(Self.odd) { world in
                world.mosaic.answer(.respond(200, Self.page))
                let answer = try world.agent.ask("user.search", Self.search)
                #expect(answer["result"] != nil)
                let request = try #require(world.mosaic.tokenRequests.first)
                try UpstreamCase(
                    "E1",
                    "",
                    "POST /oidc/token",
                    as: .none,
                    .form([
                        "grant_type": "client_credentials", "client_id": Self.odd.id,
                        "client_secret": Self.odd.secret,
                    ]),
                    verbatim: [
                        "client_id=cl%3Ai%25e%2Bn%26t%3D1%2Fx", "client_secret=s%3Ae+c%25r%2Be%26t%3D%2F%22",
                    ],
                    answer: ""
                ).check(request)
            }
        }

        @Test func `client_secret_basic sends both form-encoded in the header, and only the grant in the form`()
            async throws
        {
            var client = Self.odd
            client.authentication = "client_secret_basic"
            try await UpstreamTestBed.with(client) { world in
                world.mosaic.answer(.respond(200, Self.page))
                let answer = try world.agent.ask("user.search", Self.search)
                #expect(answer["result"] != nil)
                let request = try #require(world.mosaic.tokenRequests.first)
                #expect(request.line == "POST /oidc/token HTTP/1.1")
                #expect(request.body == "grant_type=client_credentials")
                let fields = request.fields.filter { $0.name == "authorization" }.map(\.value)
                // RFC 6749, section 2.3.1: encoded as in a form before they are joined.
                let joined = "cl%3Ai%25e%2Bn%26t%3D1%2Fx:s%3Ae+c%25r%2Be%26t%3D%2F%22"
                let basic = "Basic \(Data(joined.utf8).base64EncodedString())"
                #expect(fields == [basic])

                // The same holds for what else goes to the token service.
                _ = world.mosaic.takeCalls()
                world.mosaic.answer(.respond(200, #"{"access_token":"a","token_type":"Bearer","expires_in":1}"#))
                for (method, params, line, body) in [
                    (
                        "code.exchange", #"{"code":"c","redirect_uri":"x:y"}"#, "POST /oidc/token",
                        ["grant_type": "authorization_code", "code": "c", "redirect_uri": "x:y"]
                    ),
                    (
                        "token.refresh", #"{"refresh_token":"r","kind":"oidc"}"#, "POST /oidc/token",
                        ["grant_type": "refresh_token", "refresh_token": "r"]
                    ),
                    ("token.revoke", #"{"token":"r"}"#, "POST /cis/oidc/token/revocation", ["token": "r"]),
                ] {
                    let answer = try world.agent.ask(method, params)
                    #expect(answer["error"] == nil, "\(method)")
                    let request = try #require(world.mosaic.takeCalls().first)
                    #expect(request.line == "\(line) HTTP/1.1")
                    #expect(try UpstreamCase.form(request.body) == body)
                    #expect(request.fields.filter { $0.name == "authorization" }.map(\.value) == [basic])
                }
            }
        }

        @Test func `one token serves all calls until Mosaic refuses it, which costs one more`() async throws {
            try await UpstreamTestBed.with { world in
                world.mosaic.answer(.respond(200, Self.page))
                for _ in 1...20 {
                    let answer = try world.agent.ask("user.search", Self.search)
                    #expect(answer["error"] == nil)
                }
                #expect(world.mosaic.tokenRequests.count == 1)
                _ = world.mosaic.takeCalls()

                world.mosaic.answer(.respond(200, Answers.passwordSet))
                world.mosaic.answerNext([.respond(401, "", headers: ["WWW-Authenticate: Bearer"])])
                let params = #"{"user_id":"u-1","password":"next","force_replace":false}"#
                let answer = try world.agent.ask("password.update", params)
                #expect(answer["error"] == nil)
                let calls = world.mosaic.takeCalls()
                let bearers = calls.map { call in call.fields.first { $0.name == "authorization" }?.value }
                let second = MosaicRecorder.clientToken.dropLast() + "2"
                #expect(bearers == ["Bearer \(MosaicRecorder.clientToken)", "Bearer \(second)"])
                #expect(Set(calls.map { $0.line + $0.body }).count == 1)
                #expect(world.mosaic.tokenRequests.count == 2)
            }
        }
    }
}
