import AgentProtocol
import StrictJSON
import Testing

/// Ids that become a segment of a URL's path.
@Suite struct PathIdentifierTests {
    /// Every parameter that is an id of Mosaic and becomes a segment: method, parameter, the parameters beside it.
    static let places: [(String, String, String)] = [
        ("user.get", "user_id", ""), ("user.authenticators", "user_id", ""), ("session.list", "user_id", ""),
        ("session.revoke", "user_id", ""), ("user.update", "user_id", #","language":"de""#),
        ("password.register", "user_id", #","password":"p","force_replace":true"#),
        ("password.update", "user_id", #","password":"p","force_replace":true"#),
        ("preferences.get", "app_id", ""), ("preferences.update", "app_id", #","sms":{}"#),
        ("user.get", "identifier_value", #","identifier_name":"userId""#),
    ]

    @Test(arguments: places)
    func `hold no syntax of URLs and no control characters`(method: String, name: String, more: String) throws {
        for byte in UInt8(0)..<128 {
            let text = "a" + String(UnicodeScalar(byte)) + "b"
            let isAllowed = (0x21...0x7E).contains(byte) && !"/\\%?#;".utf8.contains(byte)
            try check(method, name, more, text, isAllowed: isAllowed)
        }
        for text in [".", "..", "%2F", "%2e%2e", "..%2f", "é", "a\u{85}", "../x", ""] {
            try check(method, name, more, text, isAllowed: false)
        }
        for text in ["...", "u1", "auth0|5f7c8ec7", "a.b_c-d~e", "TID:1@x"] {
            try check(method, name, more, text, isAllowed: true)
        }
    }

    private func check(_ method: String, _ name: String, _ more: String, _ text: String, isAllowed: Bool) throws {
        var value = JSONWriter(capacity: 256)
        value.string(text)
        let params = #"{"\#(name)":\#(String(decoding: value.bytes, as: UTF8.self))\#(more)}"#
        let read = try NullMemberTests.read(method, params)
        #expect((read.text != nil) == isAllowed, "\(method) \(name) \(text.debugDescription)")
        #expect(read.parameter == (isAllowed ? nil : name), "\(method) \(name) \(text.debugDescription)")
    }

    @Test func `that users and applications choose may hold more, but no control characters`() throws {
        for kind in ["username", "email", "phone_number", "external_user_id"] {
            for (text, isAllowed) in [
                ("a/b%2F", true), ("é", true), ("..", false), (".", false), ("a\u{0}", false), ("a\u{7F}", false),
            ] {
                try check("user.get", kind, "", text, isAllowed: isAllowed)
            }
        }
    }
}
