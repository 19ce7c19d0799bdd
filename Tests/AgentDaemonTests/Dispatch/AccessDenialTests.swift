import AgentProtocol
import MosaicAPI
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon

/// What callers are told whom the access rules refuse, and that `policy.explain` tells the administrator the same.
@Suite(.longTimeLimit) struct AccessDenialTests {
    /// A rule for the uid 4000.
    private static func rule(
        allow: [String],
        users: [TargetPattern] = [],
        clients: [String] = ["default"]
    ) -> AccessRule {
        AccessRule(
            name: "limited",
            conditions: [.uid(DispatcherFixture.strangerUID)],
            clients: clients,
            grants: AccessGrants(allow, in: .main),
            users: users,
            details: false
        )
    }

    struct Rejection: Sendable {
        var allow: [String]
        var method: String
        var params: String
        var message: String

        init(_ allow: [String], _ method: String, _ params: String, _ message: String) {
            self.allow = allow
            self.method = method
            self.params = params
            self.message = message
        }
    }

    static let lacking = "the local policy does not give this caller the right "
    static let plain = "the local policy does not allow this call"
    static let send = #"{"channel":"email","identifier_type":"email","identifier":"a@example.com""#

    static let refusals: [Rejection] = [
        Rejection([], "user.get", #"{"user_id":"u"}"#, lacking + "users, which user.get needs"),
        Rejection(["session"], "otp.send", send + "}", lacking + "login, which otp.send needs"),
        // Before anything is known of the parameters.
        Rejection(["session"], "otp.send", "{}", lacking + "login, which otp.send needs"),
        Rejection(
            ["login"],
            "otp.send",
            #"{"channel":"direct","identifier_type":"email","identifier":"a@b"}"#,
            lacking + "otp-direct, which channel=direct needs"
        ),
        Rejection(
            ["login"],
            "otp.send",
            send + #","custom_email":"a@example.com"}"#,
            lacking + "otp-redirect, which the parameter custom_email needs"
        ),
        Rejection(
            ["login"],
            "otp.send",
            send + #","email_content":{"subject":"s"}}"#,
            lacking + "mail-content, which the parameter email_content needs"
        ),
        Rejection(
            ["reset"],
            "reset.send_email_otp",
            #"{"email":"a@example.com","ignore_mfa":true}"#,
            lacking + "reset-ignore-mfa, which ignore_mfa=true needs"
        ),
        Rejection(
            ["reset"],
            "reset.create_link",
            #"{"email":"a@example.com","redirect_uri":"https://a"}"#,
            lacking + "reset-direct, which reset.create_link needs"
        ),
        Rejection(
            ["password-check"],
            "password.check",
            #"{"password":"p","email":"a@example.com"}"#,
            lacking + "reset, which the parameter email needs"
        ),
        // Nothing about the clients and users that other callers may have.
        Rejection(["login"], "otp.send", send + #","meta":{"client":"other"}}"#, plain),
        Rejection(["login"], "otp.send", #"{"channel":"sms","identifier_type":"email","identifier":"a@b"}"#, plain),
        Rejection(["session"], "session.logout", #"{"session_id":"s"}"#, plain),
    ]

    @Test(arguments: refusals)
    func `a missing right is named, a refused client or user is not`(row: Rejection) async throws {
        let rule = Self.rule(allow: row.allow, users: [TargetPattern(kind: .email, glob: "*@example.com")])
        let service = FakeMosaicService(.hang)
        try await DispatcherFixture.with(service, rules: row.allow.isEmpty ? [] : [rule]) { fixture in
            let outcome = try await fixture.send(
                Line.method(row.method, params: row.params),
                uid: DispatcherFixture.strangerUID
            )
            #expect(outcome.kind == "forbidden")
            #expect(outcome.json["error"]?["message"]?.string == row.message)
            #expect(outcome.data?["outcome"]?.string == "not_sent")
            #expect(service.operations.isEmpty)
        }
    }

    struct Identifiers: Sendable {
        var method: String
        var params: String
        var isAllowed: Bool

        init(_ method: String, _ params: String, _ isAllowed: Bool) {
            self.method = method
            self.params = params
            self.isAllowed = isAllowed
        }
    }

    /// Under `Users=email:*@example.com user_id:u*`.
    static let identifiers: [Identifiers] = [
        Identifiers("user.create", #"{"email":"a@example.com"}"#, true),
        Identifiers("user.create", #"{"email":"a@example.com","language":"de","username":null}"#, true),
        Identifiers("user.create", #"{"email":"a@example.com","username":"root"}"#, false),
        Identifiers("user.create", #"{"username":"root"}"#, false),
        Identifiers("user.create", #"{"email":"a@example.com","phone_number":"+15551234567"}"#, false),
        Identifiers("user.create", #"{"email":"a@example.com","external_user_id":"x"}"#, false),
        Identifiers("user.create", #"{"email":"a@example.com","secondary_emails":["b@example.com"]}"#, true),
        Identifiers(
            "user.create",
            #"{"email":"a@example.com","secondary_emails":["b@example.com","c@other.example"]}"#,
            false
        ),
        Identifiers("user.create", #"{"email":"a@example.com","secondary_phone_numbers":["+15551234567"]}"#, false),
        Identifiers(
            "user.create",
            #"{"email":"a@example.com","delegated_access":{"actor_id":"x","permissions":[]}}"#,
            false
        ),
        Identifiers(
            "user.create",
            #"{"email":"a@example.com","delegated_access":{"actor_id":"u2","permissions":[]}}"#,
            true
        ),
        Identifiers("user.update", #"{"user_id":"u1","language":"de"}"#, true),
        Identifiers("user.update", #"{"user_id":"x1","language":"de"}"#, false),
        Identifiers("user.update", #"{"user_id":"u1","email":"a@example.com"}"#, true),
        Identifiers("user.update", #"{"user_id":"u1","email":"a@other.example"}"#, false),
        Identifiers("user.update", #"{"user_id":"u1","username":"root"}"#, false),
        Identifiers("password.register", #"{"user_id":"u1","password":"p","force_replace":true}"#, true),
        Identifiers(
            "password.register",
            #"{"user_id":"u1","password":"p","force_replace":true,"username":"root"}"#,
            false
        ),
        Identifiers("otp.send", send + "}", true),
        Identifiers("otp.send", send + #","custom_email":"b@example.com"}"#, true),
        Identifiers("otp.send", send + #","custom_email":"b@other.example"}"#, false),
        Identifiers(
            "otp.send",
            #"{"channel":"sms","identifier_type":"email","identifier":"a@example.com","custom_phone_number":"+15551234567"}"#,
            false
        ),
        Identifiers("user.get", #"{"email":"a@example.com"}"#, true),
        Identifiers("user.get", #"{"email":"a@other.example"}"#, false),
        Identifiers("user.get", #"{"identifier_name":"email","identifier_value":"a@other.example"}"#, false),
        Identifiers("user.get", #"{"identifier_name":"userId","identifier_value":"u1"}"#, true),
        Identifiers("user.search", "{}", false),
    ]

    @Test(arguments: identifiers)
    func `every identifier of a call must be allowed, and policy.explain says the same`(row: Identifiers) async throws {
        let rule = Self.rule(
            allow: ["login", "users", "credentials", "otp-redirect"],
            users: [TargetPattern(kind: .email, glob: "*@example.com"), TargetPattern(kind: .userID, glob: "u*")]
        )
        let service = FakeMosaicService(.failBeforeSending(APIFailure(.unavailable, outcome: .notSent)))
        try await DispatcherFixture.with(service, rules: [rule]) { fixture in
            let outcome = try await fixture.send(
                Line.method(row.method, params: row.params),
                uid: DispatcherFixture.strangerUID
            )
            #expect(outcome.kind == (row.isAllowed ? "upstream_unavailable" : "forbidden"))
            #expect(service.operations.isEmpty == !row.isAllowed)
            let told = try await fixture.send(
                Line.method(
                    "policy.explain",
                    params: #"{"uid":4000,"method":"\#(row.method)","params":\#(row.params)}"#
                ),
                on: .control,
                uid: 0
            )
            #expect(told.result?["allowed"]?.boolean == row.isAllowed, "\(told.line)")
        }
    }

    @Test func `policy.explain speaks of the rights and the users that parameters need`() async throws {
        let rule = Self.rule(allow: ["login"], users: [TargetPattern(kind: .email, glob: "*@example.com")])
        try await DispatcherFixture.with(FakeMosaicService(.hang), rules: [rule]) {
            (fixture: DispatcherFixture) async throws in
            func reason(_ method: String, _ params: String) async throws -> String? {
                let line = Line.method(
                    "policy.explain",
                    params: #"{"uid":4000,"method":"\#(method)","params":\#(params)}"#
                )
                let told = try await fixture.send(line, on: .control, uid: 0)
                #expect(told.result?["allowed"]?.boolean == false)
                return told.result?["rules"]?.elements?.compactMap { $0["reason"]?.string }.last
            }
            #expect(
                try await reason("otp.send", #"{"channel":"direct"}"#)
                    == "does not grant otp-direct, which a field of the call needs"
            )
            #expect(try await reason("otp.send", #"{"channel":"sms"}"#) == "limits the users, and the call names none")
            #expect(
                try await reason("otp.send", #"{"identifier_type":"email","identifier":"a@b"}"#)
                    == "does not admit this user"
            )
        }
        let users = Self.rule(allow: ["users"], users: [TargetPattern(kind: .email, glob: "*@example.com")])
        try await DispatcherFixture.with(FakeMosaicService(.hang), rules: [users]) {
            (fixture: DispatcherFixture) async throws in
            let params = #"{"uid":4000,"method":"user.create","params":{"email":"a@example.com","username":"canary"}}"#
            let told = try await fixture.send(Line.method("policy.explain", params: params), on: .control, uid: 0)
            #expect(
                told.result?["rules"]?.elements?.compactMap { $0["reason"]?.string }.last
                    == "does not admit the username that the call names, too"
            )
            #expect(!told.line.contains("canary"))
        }
    }
}
