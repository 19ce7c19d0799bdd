import AgentProtocol
import StrictJSON
import Testing

/// The users that calls name beside their target.
@Suite struct FurtherTargetTests {
    static let rows: [(String, String, [Target])] = [
        (
            "user.create",
            #"""
            {"email":"e","phone_number":"p","username":"u","external_user_id":"x","secondary_emails":["f","g"],
            "secondary_phone_numbers":["q"],"delegated_access":{"actor_id":"a","permissions":[]},"language":"de"}
            """#,
            [
                Target(kind: .email, identifier: "e"), Target(kind: .phoneNumber, identifier: "p"),
                Target(kind: .username, identifier: "u"), Target(kind: .externalUserID, identifier: "x"),
                Target(kind: .email, identifier: "f"), Target(kind: .email, identifier: "g"),
                Target(kind: .phoneNumber, identifier: "q"), Target(kind: .userID, identifier: "a"),
            ]
        ),
        ("user.update", #"{"user_id":"i","username":"u"}"#, [Target(kind: .username, identifier: "u")]),
        (
            "password.register", #"{"user_id":"i","password":"p","force_replace":true,"username":"u"}"#,
            [Target(kind: .username, identifier: "u")]
        ),
        (
            "otp.send",
            #"{"channel":"email","identifier_type":"username","identifier":"u","custom_email":"e"}"#,
            [Target(kind: .email, identifier: "e")]
        ),
        (
            "otp.send",
            #"{"channel":"sms","identifier_type":"username","identifier":"u","custom_phone_number":"p"}"#,
            [Target(kind: .phoneNumber, identifier: "p")]
        ),
        ("password.authenticate", #"{"username":"u","password":"p"}"#, []),
        ("user.get", #"{"email":"e"}"#, []),
    ]

    @Test(arguments: rows)
    func `are found wherever they stand`(method: String, params: String, targets: [Target]) throws {
        let descriptor = try #require(MethodTable.main.descriptor(named: method))
        let request = try NullMemberTests.request(method, params)
        #expect(descriptor.furtherTargets(in: request.params) == targets)
    }

    /// A parameter that is added later must be thought of: all whose names speak of identifiers are either the target or
    /// found.
    @Test func `are all parameters that hold addresses, user names and user ids`() throws {
        for method in MethodTable.main.methods.map({ $0.descriptor }) {
            let targets = Set(method.target?.names ?? [])
            for field in method.parameters where !targets.contains(field.name) {
                let words = Set(field.name.split(separator: "_").map(String.init))
                let isAbout = !words.isDisjoint(with: ["email", "emails", "phone", "username", "actor"])
                guard isAbout, field.name != "email_content", field.name != "email_expiration",
                    field.name != "username_type", method.name != "preferences.update"
                else { continue }
                #expect(field.identifies != nil, "\(method.name) \(field.name)")
            }
        }
    }
}
