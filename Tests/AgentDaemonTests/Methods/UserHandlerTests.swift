import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// The methods about users and their passwords, from the line of the caller to what Mosaic is asked.
@Suite(.longTimeLimit) struct UserHandlerTests {
    static let user = #"{"user_id":"u1","status":"Active","later":[1]}"#

    private static func mosaicUser(_ text: String = user) throws -> MosaicUser {
        try #require(MosaicUser(JSONDocument(parsing: Array(text.utf8), maximumDepth: 16).root))
    }

    private static func failure(
        _ kind: APIFailure.Kind,
        status: Int = 409,
        code: String? = nil,
        violations: [APIFailure.Violation] = []
    ) -> APIFailure {
        APIFailure(
            kind: kind,
            outcome: .refused,
            status: status,
            code: code,
            legacyCode: nil,
            message: "canary",
            resetToken: nil,
            retryAfter: nil,
            transport: nil
        ).with(violations: violations)
    }

    /// Makes a call, has Mosaic answer `output`, and gives the operation that Mosaic was asked for.
    private func ask<Operation: APIOperation>(
        _ type: Operation.Type,
        answering output: Operation.Output,
        _ method: String,
        _ params: String
    ) async throws -> (outcome: DispatcherFixture.Outcome, operation: Operation) {
        let service = FakeMosaicService(.output(output))
        var outcome: DispatcherFixture.Outcome?
        try await DispatcherFixture.with(service) { fixture in
            outcome = try await fixture.send(Line.method(method, params: params))
        }
        return (try #require(outcome), try #require(service.operations.first as? Operation))
    }

    private func body(_ operation: some APIOperation) -> String {
        var text: [UInt8] = []
        operation.body?.bytes.withBytes { span in
            for index in span.indices { text.append(span[index]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    @Test(arguments: [true, false])
    func `a user is created, and whether the password was set is told and recorded`(isSet: Bool) async throws {
        let now: Int64 = 1_000_000_000_000
        let text =
            isSet
            ? #"{"user_id":"u1","status":"Pending","created_at":\#(now),"#
                + #""password_information":{"temporary":true,"updated_at":\#(now)}}"#
            : #"{"user_id":"u1","status":"Active","created_at":1000000000}"#
        let created = CreatedUser(
            try Self.mosaicUser(text),
            asked: UserCreateOperation.Credentials(password: Secret(copying: "p".utf8), forceReplace: true),
            requestedAt: now / 1000
        )
        let (outcome, operation) = try await ask(
            UserCreateOperation.self,
            answering: created,
            "user.create",
            #"""
            {"email":"a@x","name":{"first_name":"Ann"},"custom_data":{"a": 1.0},
            "credentials":{"password":"pw","force_replace":true}}
            """#.replacing("\n", with: "")
        )
        #expect(
            body(operation)
                == #"{"email":"a@x","name":{"first_name":"Ann"},"custom_data":{"a": 1.0},"#
                + #""credentials":{"password":"pw","force_replace":true}}"#
        )
        #expect(outcome.result?["user"]?.rawText.description == text)
        #expect(outcome.result?["credentials_set"]?.boolean == isSet)
        #expect(outcome.records.map(\.reason) == [isSet ? nil : "credentials_not_set"])
        #expect(outcome.records.first?.target != nil)
    }

    @Test(arguments: [
        (#"{"user_id":"v"}"#, UserKey.userID(Array("v".utf8))), (#"{"username":"v"}"#, .username(Array("v".utf8))),
        (#"{"email":"v"}"#, .email(Array("v".utf8))), (#"{"phone_number":"v"}"#, .phoneNumber(Array("v".utf8))),
        (#"{"external_user_id":"v"}"#, .externalUserID(Array("v".utf8))),
        (
            #"{"identifier_name":"idpIdentifier","identifier_value":"v"}"#,
            .identifier(name: Array("idpIdentifier".utf8), value: Array("v".utf8))
        ),
    ])
    func `a user is looked up by its identifier and passed on whole`(params: String, key: UserKey) async throws {
        let (outcome, operation) = try await ask(
            UserGetOperation.self,
            answering: try Self.mosaicUser(),
            "user.get",
            params
        )
        #expect(operation.key == key)
        #expect(outcome.result?["user"]?.rawText.description == Self.user)
    }

    @Test func `a search without a limit asks for a small page`() async throws {
        let page = try #require(
            UserPage(parsing: Array(#"{"result":[\#(Self.user)],"total_count":9,"page_info":{}}"#.utf8))
        )
        let (outcome, operation) = try await ask(UserSearchOperation.self, answering: page, "user.search", "{}")
        #expect(operation == UserSearchOperation(pageLimit: 50))
        #expect(outcome.result?["users"]?[0]?["user_id"]?.string == "u1")
        #expect(outcome.result?["total_count"]?.integer == 9)
        let (_, full) = try await ask(
            UserSearchOperation.self,
            answering: page,
            "user.search",
            #"{"search":"s","search_prefix":"p","page_offset":5,"page_limit":200,"sort_field":"email","sort_order":"desc"}"#
        )
        var expected = UserSearchOperation(pageLimit: 200)
        expected.filter = "s"
        expected.prefix = "p"
        expected.pageOffset = 5
        expected.sortField = "email"
        expected.sortOrder = "desc"
        #expect(full == expected)
    }

    @Test func `what cannot be passed on is left out and named`() async throws {
        let body =
            #"{"result":[\#(Self.user),{"user_id":"u2","status":null,"birthday":7,"name":{"title":"\ud800"}},7]}"#
        let page = try #require(UserPage(parsing: Array(body.utf8)))
        let (outcome, _) = try await ask(UserSearchOperation.self, answering: page, "user.search", "{}")
        #expect(outcome.result?["users"]?.count == 2)
        #expect(
            outcome.result?["omitted"]?.rawText.description
                == #"["list[2]","users[1].name","users[1].status","users[1].birthday"]"#
        )
        let list = #"[{"id":"a","type":"password","status":7},{"id":7}]"#
        let (listed, _) = try await ask(
            UserAuthenticatorsOperation.self,
            answering: try #require(UserAuthenticator.list(parsing: Array(list.utf8))),
            "user.authenticators",
            #"{"user_id":"u1"}"#
        )
        #expect(listed.result?["authenticators"]?.rawText.description == #"[{"id":"a","type":"password"}]"#)
        #expect(listed.result?["omitted"]?.rawText.description == #"["list[1]","authenticators[0].status"]"#)
    }

    @Test func `a user is changed, and its authenticators are listed`() async throws {
        let (changed, change) = try await ask(
            UserUpdateOperation.self,
            answering: try Self.mosaicUser(),
            "user.update",
            #"{"user_id":"u1","language":"de","status":"Disabled"}"#
        )
        #expect(change.userID == Array("u1".utf8) && body(change) == #"{"language":"de","status":"Disabled"}"#)
        #expect(changed.result?["user"]?["status"]?.string == "Active")
        let text = #"[{"id":"a1","type":"password","status":"Locked"}]"#
        let (listed, list) = try await ask(
            UserAuthenticatorsOperation.self,
            answering: try #require(UserAuthenticator.list(parsing: Array(text.utf8))),
            "user.authenticators",
            #"{"user_id":"u1"}"#
        )
        #expect(list.userID == Array("u1".utf8))
        #expect(listed.result?["authenticators"]?.rawText.description == text)
    }

    @Test func `passwords are set with what the caller says, and only that`() async throws {
        let receipt = PasswordReceipt(message: "done")
        let (registered, first) = try await ask(
            PasswordRegisterOperation.self,
            answering: receipt,
            "password.register",
            #"{"user_id":"u1","password":"pw","force_replace":false,"username":"ann","enforce_complexity":false,"device_id":"d"}"#
        )
        #expect(registered.result?["message"]?.string == "done")
        #expect(
            body(first) == #"{"password":"pw","force_replace":false,"username":"ann","enforce_complexity":false,"#
                + #""device_id":"d"}"#
        )
        let (_, replaced) = try await ask(
            PasswordUpdateOperation.self,
            answering: receipt,
            "password.update",
            #"{"user_id":"u1","password":"pw","force_replace":true}"#
        )
        #expect(body(replaced) == #"{"password":"pw","force_replace":true}"#)
        let (_, own) = try await ask(
            PasswordRegisterOwnOperation.self,
            answering: receipt,
            "password.register_own",
            #"{"access_token":"t","password":"pw"}"#
        )
        #expect(body(own) == #"{"password":"pw"}"# && own.userToken == Secret(copying: "t".utf8))
    }

    @Test func `a password that may not be chosen is a result`() async throws {
        let assessment = PasswordAssessment(
            isValid: false,
            errors: [APIFailure.Violation(code: "c", message: "too short")]
        )
        let (outcome, operation) = try await ask(
            PasswordCheckOperation.self,
            answering: assessment,
            "password.check",
            #"{"password":"pw","email":"a@x"}"#
        )
        #expect(body(operation) == #"{"password":"pw","email":"a@x"}"#)
        #expect(outcome.result?["valid_password"]?.boolean == false)
        #expect(outcome.result?["errors"]?[0]?["message"]?.string == "too short")
        #expect(outcome.result?["errors"]?[0]?["code"]?.string == "c")
        #expect(outcome.records.map(\.reason) == ["invalid_password"])
    }

    static let conflicts = [
        ("user.create", #"{"username":"a"}"#, "another user"),
        ("user.update", #"{"user_id":"u","username":"a"}"#, "another user"),
        ("password.register", #"{"user_id":"u","password":"p","force_replace":true}"#, "password.update replaces"),
        ("password.update", #"{"user_id":"u","password":"p","force_replace":true}"#, "password.register sets"),
        ("password.register_own", #"{"access_token":"t","password":"p"}"#, "already"),
    ]

    @Test(arguments: conflicts)
    func `a conflict says what to do instead`(method: String, params: String, words: String) async throws {
        let failure = Self.failure(.conflict, code: "auth_password_already_configured")
        try await DispatcherFixture.with(FakeMosaicService(.failAfterSending(failure))) { fixture in
            let outcome = try await fixture.send(Line.method(method, params: params))
            #expect(outcome.json["error"]?["code"]?.integer == 1202)
            #expect(outcome.json["error"]?["message"]?.string?.contains(words) == true)
            #expect(!outcome.line.contains("canary"))
            #expect(outcome.records.map(\.reason) == ["auth_password_already_configured"])
        }
    }

    @Test func `what is wrong with a new password is told to everyone`() async throws {
        let violations = [
            APIFailure.Violation(code: "auth_password_weak", message: "too weak"),
            APIFailure.Violation(code: nil, message: "no digit"),
        ]
        let failure = Self.failure(.passwordRejected, status: 400, violations: violations)
        try await DispatcherFixture.with(FakeMosaicService(.failAfterSending(failure))) { fixture in
            let outcome = try await fixture.send(
                Line.method("password.update", params: #"{"user_id":"u","password":"p","force_replace":true}"#)
            )
            #expect(outcome.kind == "password_rejected")
            #expect(outcome.data?["violations"]?[0]?["code"]?.string == "auth_password_weak")
            #expect(outcome.data?["violations"]?[1]?["message"]?.string == "no digit")
            #expect(outcome.data?["outcome"]?.string == "refused")
            #expect(outcome.data?["retryable"]?.boolean == false)
        }
    }

    static let rows: [(APIFailure.Kind, Int64, Bool)] = [
        (.notFound, 1203, false), (.notConfigured, 1204, false), (.invalidToken, 1205, false),
        (.invalidInput, -32602, false), (.forbidden, 1105, false), (.unavailable, 1101, true),
    ]

    @Test(arguments: rows)
    func `a failed look-up has its code, and can be repeated after an outage`(
        kind: APIFailure.Kind,
        code: Int64,
        retryable: Bool
    ) async throws {
        let failure = Self.failure(kind, status: 400)
        try await DispatcherFixture.with(FakeMosaicService(.failAfterSending(failure))) { fixture in
            let outcome = try await fixture.send(Line.method("user.get", params: #"{"user_id":"u"}"#))
            #expect(outcome.json["error"]?["code"]?.integer == code)
            #expect(outcome.data?["retryable"]?.boolean == retryable)
            #expect(outcome.data?["outcome"]?.string == "refused")
        }
    }

    @Test(arguments: [
        ("user.get", #"{"email":"a@example.com"}"#, true), ("user.get", #"{"email":"a@example.org"}"#, false),
        ("user.get", #"{"identifier_name":"email","identifier_value":"a@example.com"}"#, true),
        ("user.get", #"{"identifier_name":"email","identifier_value":"a@example.org"}"#, false),
        ("user.get", #"{"identifier_name":"idpIdentifier","identifier_value":"a@example.com"}"#, false),
        ("user.get", #"{"user_id":"u1"}"#, false), ("user.search", "{}", false),
        ("user.create", #"{"email":"a@example.com"}"#, true), ("user.create", #"{"username":"a"}"#, false),
        ("user.update", #"{"user_id":"u1","email":"a@example.com"}"#, false),
        ("password.check", #"{"password":"p","email":"a@example.com"}"#, true),
        ("password.check", #"{"password":"p"}"#, false),
        ("password.register_own", #"{"access_token":"t","password":"p"}"#, false),
    ])
    func `a rule with limits on users allows only calls about those`(
        method: String,
        params: String,
        isAllowed: Bool
    ) throws {
        let words = ["users", "credentials", "session", "password-check", "reset"]
        let policy = AccessPolicy(
            rules: [
                AccessRule(
                    name: "some",
                    conditions: [.any],
                    clients: ["default"],
                    grants: AccessGrants(words, in: .main),
                    users: [TargetPattern(kind: .email, glob: "*@example.com")]
                )
            ],
            catalogue: .main
        )
        let descriptor = try #require(MethodTable.main.descriptor(named: method))
        let value = try JSONDocument(parsing: Array(params.utf8), maximumDepth: 8).root
        let decision = policy.decide(
            AccessQuestion(
                caller: Caller(uid: 1, gid: 1, pid: 1, supplementaryGroups: []),
                method: method,
                client: nil,
                target: descriptor.target(in: value),
                fieldRights: descriptor.fieldRights(usedBy: value)
            )
        )
        if case .allowed = decision { #expect(isAllowed) } else { #expect(!isAllowed) }
    }

    @Test func `a caller without the right is refused before anything is sent`() async throws {
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service) { fixture in
            for (method, params, _) in Self.conflicts {
                let outcome = try await fixture.send(
                    Line.method(method, params: params),
                    uid: DispatcherFixture.strangerUID
                )
                #expect(outcome.kind == "forbidden")
            }
        }
        #expect(service.operations.isEmpty)
    }
}
