import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Identifiers that end up in a URL: whatever they hold, they stay one segment of the path or one value of the query.
    @Suite struct UpstreamIdentifiers {
        /// A text, and how it stands in the request line.
        private static let odd: [(text: String, encoded: String)] = [
            ("a b/ä?#%25&+;=@:\"'", "a%20b%2F%C3%A4%3F%23%2525%26%2B%3B%3D%40%3A%22%27"),
            ("+972-54 123", "%2B972-54%20123"),
            ("first+tag@example.com", "first%2Btag%40example.com"),
            // Steps in the path are harmless as part of a segment.
            ("../../oidc/token", "..%2F..%2Foidc%2Ftoken"),
            ("a/../b", "a%2F..%2Fb"),
            ("...", "..."),
            (".a", ".a"),
            // Encoded already, or so it seems: it is encoded again, and decodes to what it was.
            ("%2e%2e", "%252e%252e"),
            ("%", "%25"),
            ("\\..\\", "%5C..%5C"),
            ("/", "%2F"),
            ("//host/x", "%2F%2Fhost%2Fx"),
            (" ", "%20"),
            ("AZaz09-._~", "AZaz09-._~"),
            ("!$&'()*+,;=", "%21%24%26%27%28%29%2A%2B%2C%3B%3D"),
            ("[]{}|^`<>", "%5B%5D%7B%7D%7C%5E%60%3C%3E"),
            // One character, two encodings: neither is made the other.
            ("é", "%C3%A9"),
            ("e\u{301}", "e%CC%81"),
            ("\u{1F511}\u{FEFF}", "%F0%9F%94%91%EF%BB%BF"),
            (String(repeating: "ß", count: 512), String(repeating: "%C3%9F", count: 512)),
        ]

        /// Texts with control characters, which stand in queries and bodies, but in no path.
        private static let controls: [(text: String, encoded: String)] = [
            ("\u{0}\t\r\n\u{1b}\u{7f}", "%00%09%0D%0A%1B%7F"),
            ("x HTTP/1.1\r\nX-Injected: 1\r\n\r\n", "x%20HTTP%2F1.1%0D%0AX-Injected%3A%201%0D%0A%0D%0A"),
        ]

        /// The calls that put a parameter into a URL: method, parameter, the parameters around it, the target around it.
        private static let places: [Place] = [
            Place("user.get", "user_id", "GET /cis/v1/users/*"),
            Place("user.get", "username", "GET /cis/v1/users/username/*"),
            Place("user.get", "email", "GET /cis/v1/users/email/*"),
            Place("user.get", "phone_number", "GET /cis/v1/users/phone-number/*"),
            Place("user.get", "external_user_id", "GET /cis/v1/users/external-user-id/*"),
            Place("user.authenticators", "user_id", "GET /cis/v1/users/*/authenticators"),
            Place("session.list", "user_id", "GET /cis/v1/auth/users/*/sessions"),
            Place("session.revoke", "user_id", "DELETE /cis/v1/auth/users/*/sessions"),
            Place("user.update", "user_id", "PUT /cis/v1/users/*", more: #""status":"Active""#),
            Place(
                "password.register",
                "user_id",
                "POST /cis/v1/users/*/password",
                more: #""password":"p","force_replace":true"#
            ),
            Place(
                "password.update",
                "user_id",
                "PUT /cis/v1/users/*/password",
                more: #""password":"p","force_replace":true"#
            ),
            Place("preferences.get", "app_id", "GET /cis/loginPreferences/*", limit: 256),
            Place(
                "preferences.update",
                "app_id",
                "PUT /cis/loginPreferences/*/authMethods",
                more: #""sms":{}"#,
                limit: 256
            ),
            Place(
                "user.get",
                "identifier_value",
                "GET /cis/v1/users/identifier?identifier_name=badge&identifier_value=*",
                more: #""identifier_name":"badge""#,
                isSegment: false
            ),
            Place(
                "user.search",
                "search_prefix",
                "GET /cis/v1/users?search_prefix=*&page_limit=50",
                isSegment: false
            ),
            Place("user.search", "search", "GET /cis/v1/users?search=*&page_limit=50", limit: 8192, isSegment: false),
        ]

        private struct Place {
            let method: String
            let parameter: String
            let line: String
            let more: String
            let limit: Int
            let isSegment: Bool

            init(
                _ method: String,
                _ parameter: String,
                _ line: String,
                more: String = "",
                limit: Int = 1024,
                isSegment: Bool = true
            ) {
                self.method = method
                self.parameter = parameter
                self.line = line
                self.more = more
                self.limit = limit
                self.isSegment = isSegment
            }

            /// What can stand there: of ids only what is no syntax of URLs.
            var fitting: [(text: String, encoded: String)] {
                guard isSegment else { return UpstreamIdentifiers.odd + UpstreamIdentifiers.controls }
                guard ["user_id", "app_id"].contains(parameter) else { return UpstreamIdentifiers.odd }
                return UpstreamIdentifiers.odd.filter { odd in
                    odd.text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/\\%?#;".utf8.contains($0) }
                }
            }

            /// The parameters with `text` as the one in question.
            func params(_ text: String) throws -> String {
                let value = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
                return #"{"\#(parameter)":\#(value)\#(more.isEmpty ? "" : ",")\#(more)}"#
            }

            /// An answer that is a success.
            var answer: MosaicRecorder.Step {
                let call = UpstreamCase.all.first { $0.method == method }
                return .respond(call?.status ?? 500, call?.answer ?? "")
            }
        }

        @Test func `odd identifiers stand percent-encoded in the request line`() async throws {
            try await UpstreamTestBed.with { world in
                for place in Self.places {
                    world.mosaic.answer(place.answer)
                    let fitting = place.fitting.filter { $0.text.utf8.count <= place.limit }
                    #expect(fitting.count > 3)
                    for (text, encoded) in fitting {
                        let answer = try world.agent.ask(place.method, try place.params(text))
                        #expect(answer["error"] == nil, "\(place.method) \(encoded)")
                        let lines = world.mosaic.takeCalls().map(\.line)
                        #expect(
                            lines == [place.line.replacing("*", with: encoded) + " HTTP/1.1"],
                            "\(place.method)"
                        )
                    }
                }
            }
        }

        @Test func `an identifier that would change the path is refused before anything is sent`() async throws {
            try await UpstreamTestBed.with { world in
                for place in Self.places {
                    world.mosaic.answer(place.answer)
                    // Servers take the encoded form of steps for steps in the path as well (RFC 3986, section 6.2.2.3), and
                    // some decode more than once.
                    let fitting = place.fitting.map(\.text)
                    let refused =
                        ["", String(repeating: "x", count: place.limit + 1)] + (place.isSegment ? [".", ".."] : [])
                        + (Self.odd + Self.controls).map(\.text).filter { !fitting.contains($0) }
                    for text in refused {
                        let answer = try world.agent.ask(place.method, try place.params(text))
                        #expect(answer["error"]?["code"]?.integer == -32602, "\(place.method) \(text)")
                        #expect(answer["error"]?["data"]?["param"]?.string == place.parameter)
                        #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
                    }
                    #expect(world.mosaic.takeCalls().isEmpty, "\(place.method)")
                }
                // The names of E33 that are names of other look-ups lead there, with the same rule.
                let named = #"{"identifier_name":"externalUserId","identifier_value":".."}"#
                let answer = try world.agent.ask("user.get", named)
                #expect(answer["error"]?["code"]?.integer == -32602)
                #expect(world.mosaic.takeCalls().isEmpty)
            }
        }

        @Test func `identifiers in bodies arrive byte for byte`() async throws {
            try await UpstreamTestBed.with { world in
                world.mosaic.answer(.respond(200, Answers.session))
                for (text, _) in Self.odd + Self.controls + [(".", ""), ("..", "")] {
                    let value = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
                    _ = try world.agent.ask("password.authenticate", #"{"username":\#(value),"password":\#(value)}"#)
                    let request = try #require(world.mosaic.takeCalls().first)
                    let object = try #require(
                        try JSONSerialization.jsonObject(with: Data(request.bodyBytes)) as? [String: String]
                    )
                    // Compared as bytes: as text, the two encodings of one character are equal.
                    #expect(
                        object.mapValues { Array($0.utf8) }
                            == ["username": Array(text.utf8), "password": Array(text.utf8)]
                    )
                }
            }
        }
    }
}
