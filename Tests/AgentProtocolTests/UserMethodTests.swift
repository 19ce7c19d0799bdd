import AgentProtocol
import Secrets
import StrictJSON
import Testing

/// The methods about users and their passwords.
@Suite struct UserMethodTests {
    private static func secret(_ text: String) -> Secret { Secret(copying: text.utf8) }

    private static func json(_ text: String) throws -> JSONText {
        try JSONText(parsing: Array(text.utf8), maximumDepth: 16)
    }

    /// Takes parameters as the daemon does.
    private func take<M: AgentMethod>(_ method: M.Type, _ params: String) throws -> M.Parameters {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(M.name)","params":\#(params)}"#
        guard case .request(let request) = IncomingLine(parsing: Array(line.utf8)) else { throw Unexpected() }
        return try M.parameters(of: request)
    }

    /// What is wrong with parameters.
    private func refusal<M: AgentMethod>(_ method: M.Type, _ params: String) throws -> ProtocolError? {
        do {
            _ = try take(method, params)
            return nil
        } catch let error as ProtocolError {
            return error
        }
    }

    /// Client writes, daemon reads and writes again: the same bytes.
    private func roundTrip<M: AgentMethod>(_ method: M.Type, _ parameters: M.Parameters) throws {
        let id = try #require(RequestID(1))
        let line = M.requestLine(id: id, parameters: parameters)
        guard case .request(let request) = IncomingLine(parsing: line) else { throw Unexpected() }
        #expect(M.requestLine(id: id, parameters: try M.parameters(of: request)) == line)
    }

    /// Daemon writes, client reads and writes again: the same bytes, and inside the schema.
    private func roundTrip<M: AgentMethod>(_ method: M.Type, result: M.Result) throws {
        let id = try #require(RequestID(1))
        let line = M.answerLine(id: id, result: result)
        let json = try Response(parsing: line).outcome.get()
        try M.Result.schema.check(json)
        #expect(M.answerLine(id: id, result: try M.result(from: json)) == line)
    }

    static let user = #"""
        {"user_id":"u1","status":"Active","created_at":1,"updated_at":2,"email":{"value":"a@x","email_verified":true},
        "password_information":{"expired":false,"temporary":true,"updated_at":3,"expires_in":"2026-01-01T00:00:00Z"},
        "name":{"first_name":"Ann"},"custom_data":{"a":[1.0]},"identities":[{"auth_type":"password"}],"groupIds":["g"]}
        """#.replacing("\n", with: "")

    private static func profile() throws -> UserProfile {
        var profile = UserProfile()
        profile.email = "a@x"
        profile.phoneNumber = "+49"
        profile.username = "ann"
        profile.externalUserID = "x"
        profile.externalAccountID = "y"
        profile.secondaryEmails = ["b@x"]
        profile.secondaryPhoneNumbers = []
        profile.name = PersonName(title: "Dr", firstName: "A", middleName: "B", lastName: "C")
        profile.birthday = "2000-01-01T00:00:00Z"
        profile.address = PostalAddress(
            country: "DE",
            state: "BE",
            city: "Berlin",
            streetAddress: "S 1",
            postalCode: "1",
            type: "Home"
        )
        profile.language = "de"
        profile.picture = "https://p"
        profile.customData = try json(#"{"b": 1.0}"#)
        profile.customAppData = try json("{}")
        profile.delegatedAccess = DelegatedAccess(actorID: "u2", permissions: ["p"])
        return profile
    }

    @Test func `parameters keep their bytes`() throws {
        let credentials = UserCreate.Credentials(password: Self.secret("p"), forceReplace: true)
        try roundTrip(UserCreate.self, .init(profile: Self.profile(), credentials: credentials))
        try roundTrip(UserUpdate.self, .init(userID: "u", profile: Self.profile(), status: "Disabled"))
        try roundTrip(UserAuthenticators.self, .init(userID: "u"))
        var search = UserSearch.Parameters()
        try roundTrip(UserSearch.self, search)
        search.search = "a"
        search.searchPrefix = "b"
        search.pageOffset = 1
        search.pageLimit = 200
        search.sortField = "email"
        search.sortOrder = "desc"
        try roundTrip(UserSearch.self, search)
        for kind in IdentifierKind.known + ["idpIdentifier", "own_name"].map({ IdentifierKind($0) }) {
            // A user id goes into a path as it is; all other identifiers are encoded.
            try roundTrip(UserGet.self, .init(kind, kind == .userID ? "u-1" : "é/+"))
        }
        var register = PasswordRegister.Parameters(userID: "u", password: Self.secret("p"), forceReplace: false)
        try roundTrip(PasswordRegister.self, register)
        register.username = "ann"
        register.enforceComplexity = false
        register.deviceID = "d"
        try roundTrip(PasswordRegister.self, register)
        try roundTrip(
            PasswordUpdate.self,
            .init(userID: "u", password: Self.secret("p"), forceReplace: true, deviceID: "d")
        )
        var own = PasswordRegisterOwn.Parameters(accessToken: Self.secret("t.t"), password: Self.secret("p"))
        own.username = "ann"
        own.deviceID = "d"
        try roundTrip(PasswordRegisterOwn.self, own)
        try roundTrip(PasswordCheck.self, .init(password: Self.secret("p")))
        try roundTrip(
            PasswordCheck.self,
            .init(password: Self.secret("p"), user: Target(kind: .email, identifier: "a@x"))
        )
    }

    @Test func `results keep Mosaic's own text`() throws {
        let user = UserObject(try Self.json(Self.user))
        try roundTrip(UserCreate.self, result: .init(user: user, credentialsSet: true))
        try roundTrip(UserGet.self, result: UserResult(user: user))
        try roundTrip(UserSearch.self, result: .init(users: []))
        try roundTrip(
            UserSearch.self,
            result: .init(
                users: [user, user],
                totalCount: 2,
                pageInfo: .init(hasNextPage: false, hasPreviousPage: true)
            )
        )
        let authenticator = try Self.json(#"{"id":"a","type":"password","status":"Locked","extra_data":{"x":1}}"#)
        try roundTrip(UserAuthenticators.self, result: .init(authenticators: [authenticator]))
        try roundTrip(PasswordRegister.self, result: .init(message: "done"))
        try roundTrip(PasswordUpdate.self, result: .init())
        try roundTrip(PasswordCheck.self, result: .init(validPassword: true))
        try roundTrip(
            PasswordCheck.self,
            result: .init(validPassword: false, errors: [.init(code: "c", message: "m"), .init(message: "n")])
        )
        let extended = try Self.json(#"{"user":{"user_id":"u1","status":"Active","later":{"a":1}}}"#)
        let result = try UserGet.result(from: extended.value)
        #expect(result.user["later"]?["a"]?.integer == 1, "members of later versions are passed on")
    }

    @Test(arguments: [
        (#"{"user_id":"u"}"#, "user_id"), (#"{"username":"u"}"#, "username"), (#"{"email":"u"}"#, "email"),
        (#"{"phone_number":"u"}"#, "phone_number"), (#"{"external_user_id":"u"}"#, "external_user_id"),
        (#"{"identifier_name":"phoneNumber","identifier_value":"u"}"#, "phone_number"),
        (#"{"identifier_name":"externalUserId","identifier_value":"u"}"#, "external_user_id"),
        (#"{"identifier_name":"email","identifier_value":"u"}"#, "email"),
        (#"{"identifier_name":"username","identifier_value":"u"}"#, "username"),
        (#"{"identifier_name":"idpIdentifier","identifier_value":"u"}"#, "idpIdentifier"),
    ])
    func `a user is looked up by one identifier of a known kind`(params: String, kind: String) throws {
        let user = try take(UserGet.self, params).user
        #expect(user.kind.name == kind && user.identifier == "u")
        let value = try Self.json(params).value
        #expect(MethodTable.main.descriptor(named: "user.get")?.target(in: value) == user, "access sees the same user")
    }

    @Test(arguments: [
        #"{"user_id":"..."}"#, #"{"username":"%2e%2e"}"#, #"{"external_user_id":"../.."}"#,
        #"{"identifier_name":"badge","identifier_value":".."}"#,
    ])
    func `only the two steps of a path are no identifiers, and only where they would be in a path`(
        params: String
    ) throws {
        _ = try take(UserGet.self, params)
        let value = try JSONDocument(parsing: Array(#"{"email":".."}"#.utf8), maximumDepth: 16).root
        try Schema.object(ResetSendEmailOTP.Parameters.self).check(value)
    }

    @Test(arguments: [
        "{}", #"{"username":"u","email":"e"}"#, #"{"username":"u","identifier_name":"n","identifier_value":"v"}"#,
        #"{"username":"u","identifier_name":"n"}"#, #"{"identifier_name":"n"}"#, #"{"identifier_value":"v"}"#,
        #"{"username":""}"#, #"{"username":1}"#, #"{"identifier_name":"","identifier_value":"v"}"#,
    ])
    func `two identifiers, half of one and none are refused`(params: String) throws {
        #expect(try refusal(UserGet.self, params)?.kind == .invalidParams)
    }

    @Test func `a new user has at least one identifier, and the first is the target`() throws {
        #expect(try refusal(UserCreate.self, #"{"language":"de"}"#)?.message.contains("at least one of email") == true)
        let both = try Self.json(#"{"username":"ann","phone_number":"+49"}"#).value
        #expect(
            UserCreate.descriptor.target(in: both) == Target(kind: .phoneNumber, identifier: "+49")
        )
        _ = try take(UserCreate.self, #"{"external_user_id":"x"}"#)
    }

    @Test(arguments: [
        ("user.create", #"{"username":"a","credentials":{"password":"p"}}"#, "credentials.force_replace"),
        ("user.create", #"{"username":"a","credentials":{"force_replace":true}}"#, "credentials.password"),
        ("user.create", #"{"username":"a","address":{"type":"Castle"}}"#, "address.type"),
        ("user.create", #"{"username":"a","name":{"given_name":"A"}}"#, "name.given_name"),
        ("user.create", #"{"username":"a","custom_data":[]}"#, "custom_data"),
        ("user.create", #"{"username":"a","delegated_access":{"actor_id":"u"}}"#, "delegated_access.permissions"),
        ("user.create", #"{"username":"a","status":"Active"}"#, "status"),
        ("user.update", #"{"user_id":"u","credentials":{"password":"p","force_replace":true}}"#, "credentials"),
        ("user.update", #"{"user_id":"u","status":"Gone"}"#, "status"),
        ("user.update", #"{"language":"de"}"#, "user_id"),
        ("user.search", #"{"page_limit":201}"#, "page_limit"), ("user.search", #"{"page_limit":0}"#, "page_limit"),
        ("user.search", #"{"page_offset":-1}"#, "page_offset"), ("user.search", #"{"sort_field":"id"}"#, "sort_field"),
        ("user.search", #"{"sort_order":"down"}"#, "sort_order"),
        ("user.authenticators", "{}", "user_id"), ("user.authenticators", #"{"user_id":".."}"#, "user_id"),
        ("user.get", #"{"username":"."}"#, "username"), ("user.get", #"{"external_user_id":".."}"#, "external_user_id"),
        ("user.get", #"{"identifier_name":"email","identifier_value":".."}"#, "identifier_value"),
        ("preferences.get", #"{"app_id":".."}"#, "app_id"),
        ("password.register", #"{"user_id":"u","password":"p"}"#, "force_replace"),
        ("password.update", #"{"user_id":"u","password":"p"}"#, "force_replace"),
        ("password.update", #"{"user_id":"u","password":"p","force_replace":1}"#, "force_replace"),
        ("password.register_own", #"{"password":"p"}"#, "access_token"),
        ("password.register_own", #"{"password":"p","access_token":"a b"}"#, "access_token"),
        ("password.register_own", #"{"password":"p","access_token":"a\r\nX: y"}"#, "access_token"),
        ("password.check", "{}", "password"), ("password.check", #"{"password":""}"#, "password"),
        ("password.check", #"{"password":"p","username":"a","email":"b"}"#, "email"),
    ])
    func `what is missing, unknown or out of range is named`(method: String, params: String, name: String) throws {
        let type = try #require(MethodTable.main[method])
        let error = try #require(try refusal(type, params))
        #expect(error.kind == .invalidParams && error.parameter == name, "\(error)")
    }

    @Test func `a change changes something`() throws {
        let error = try #require(try refusal(UserUpdate.self, #"{"user_id":"u"}"#))
        #expect(error.message.contains("at least one of email"))
    }

    @Test func `checking a password against a user's history needs the right to reset`() throws {
        func rights(_ params: String) throws -> [Right] {
            PasswordCheck.descriptor.fieldRights(usedBy: try Self.json(params).value)
        }
        #expect(try rights(#"{"password":"p"}"#) == [])
        for name in ["username", "email", "phone_number"] {
            #expect(try rights(#"{"password":"p","\#(name)":"x"}"#) == [.reset])
        }
    }

    @Test(arguments: [
        (UserCreate.descriptor, Right.users), (UserGet.descriptor, .users), (UserSearch.descriptor, .users),
        (UserUpdate.descriptor, .users), (UserAuthenticators.descriptor, .users),
        (PasswordRegister.descriptor, .credentials), (PasswordUpdate.descriptor, .credentials),
        (PasswordRegisterOwn.descriptor, .session), (PasswordCheck.descriptor, .passwordCheck),
    ])
    func `each method needs its right`(method: MethodDescriptor, right: Right) {
        #expect(method.requirement == .right(right))
    }

    @Test func `a member of another type than the documented one is left out by name`() throws {
        var omitted: [String] = []
        let text =
            #"{"user_id":"u","status":7,"birthday":7,"language":"de","email":{"value":1},"identities":[7],"new":7}"#
        let user = UserObject(try Self.json(text), omitted: &omitted)
        #expect(omitted == ["status", "birthday", "email", "identities"])
        #expect(user.json.description == #"{"user_id":"u","language":"de","new":7}"#)
    }

    @Test func `a null is left out without a word, unless the member is documented to be always there`() throws {
        var omitted: [String] = []
        let text = #"{"user_id":"u","last_auth":null,"status":null,"custom_data":{"a":null},"new":null}"#
        let user = UserObject(try Self.json(text), omitted: &omitted)
        #expect(omitted == ["status"])
        #expect(user.json.description == #"{"user_id":"u","custom_data":{"a":null},"new":null}"#)
        // What is as documented stays as it was written.
        let right = try Self.json(#"{ "user_id":"u", "created_at":1 }"#)
        #expect(UserObject(right, omitted: &omitted).json == right)
    }

    @Test func `results name what they leave out, and only then`() throws {
        let user = UserObject(try Self.json(#"{"user_id":"u"}"#))
        var result = UserResult(user: user)
        #expect(JSONText { result.encode(to: &$0) }.description == #"{"user":{"user_id":"u"}}"#)
        result.omitted = ["custom_data"]
        #expect(
            JSONText { result.encode(to: &$0) }.description
                == #"{"user":{"user_id":"u"},"omitted":["custom_data"]}"#
        )
        #expect(try UserResult(checking: JSONText { result.encode(to: &$0) }.value) == result)
        let page = UserSearch.Result(users: [user], omitted: ["users[0].name", "list[1]"])
        #expect(try UserSearch.Result(checking: JSONText { page.encode(to: &$0) }.value) == page)
        let sessions = SessionList.Result(sessions: [], omitted: ["list[0]"])
        #expect(try SessionList.Result(checking: JSONText { sessions.encode(to: &$0) }.value) == sessions)
    }
}
