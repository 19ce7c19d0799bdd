import Secrets
import StrictJSON
import Testing

@testable import MosaicAPI

/// What the agent makes of answers with parts that it cannot pass on.
@Suite struct TolerantAnswerTests {
    private static func nested(_ levels: Int) -> String {
        String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
    }

    private static func page(_ users: [String]) throws -> UserPage {
        let body = #"{"result":[\#(users.joined(separator: ","))],"total_count":3,"page_info":{"has_next_page":true}}"#
        return try #require(UserPage(parsing: Array(body.utf8)))
    }

    @Test(arguments: [
        (#""custom_data":\#(nested(14))"#, ["custom_data"]),
        (#""custom_app_data":\#(nested(500))"#, ["custom_app_data"]),
        (#""name":{"first_name":"\ud800"}"#, ["name"]), (#""status":"Active","status":"Disabled""#, ["status"]),
        (#""\ud800":1"#, [#"\ud800"#]), (#""custom_data":{"a":1,"a":2}"#, ["custom_data"]),
        (#""language":"de\udc00","birthday":"x\ud8ff""#, ["language", "birthday"]),
        (#""new":{"a":\#(nested(16))}"#, ["new"]),
    ])
    func `an odd member of a user is left out by name, and the page stays`(member: String, names: [String]) throws {
        let good = #"{"user_id":"u1","status":"Active","custom_data":{"a": [1]}}"#
        let page = try Self.page([good, #"{"user_id":"u2","username":"bob",\#(member)}"#, good])
        #expect(page.users.omitted.isEmpty)
        #expect(page.users.elements.map(\.element.userID) == ["u1", "u2", "u1"])
        #expect(page.users.elements[0].element.object.json.description == good)
        let odd = page.users.elements[1].element.object
        #expect(odd.omitted == names)
        #expect(odd.json.value["username"]?.string == "bob")
        #expect(odd.json.value.isSound)
        for name in names { #expect(odd.json.value[name] == nil) }
        #expect(page.totalCount == 3)
        #expect(page.hasNextPage == true)
    }

    @Test(arguments: [
        "{}", "null", "7", "[]", #"{"user_id":""}"#, #"{"user_id":null}"#, #"{"user_id":"u","user_id":"v"}"#,
        #"{"user_id":"\ud800"}"#, nested(20),
    ])
    func `what is no user is left out by its position, and the page stays`(item: String) throws {
        let page = try Self.page([#"{"user_id":"u1"}"#, item, #"{"user_id":"u3","status":null}"#])
        #expect(page.users.omitted == [1])
        #expect(page.users.elements.map(\.position) == [0, 2])
        #expect(page.users.elements.map(\.element.userID) == ["u1", "u3"])
    }

    /// As deep as a line of the agent's own protocol may be, with the levels around the user in it.
    @Test func `a user is passed on as deep as it fits into an answer`() throws {
        for (levels, isKept) in [(12, true), (13, false)] {
            let user = #"{"user_id":"u","custom_data":\#(Self.nested(levels))}"#
            let object = try Self.page([user]).users.elements[0].element.object
            #expect((object.json.value["custom_data"] != nil) == isKept)
            let line = #"{"jsonrpc":"2.0","id":1,"result":{"users":[\#(object.json)]}}"#
            #expect(throws: Never.self) { try JSONDocument(parsing: Array(line.utf8), maximumDepth: 16) }
        }
        for (levels, isKept) in [(13, true), (14, false)] {
            let body = #"{"result":{"user_id":"u","custom_data":\#(Self.nested(levels))}}"#
            let object = try #require(MosaicUser(parsing: Array(body.utf8))).object
            #expect((object.json.value["custom_data"] != nil) == isKept)
        }
    }

    @Test func `authenticators and sessions lose their odd ones only`() throws {
        let text = #"[{"id":"a","type":"password","status":null,"extra_data":{"x":"\ud800"}},{"id":"b"},7]"#
        let list = try #require(UserAuthenticator.list(parsing: Array(text.utf8)))
        #expect(list.omitted == [1, 2])
        #expect(list.elements.map(\.element.object.omitted) == [["extra_data"]])
        let sessions = try #require(
            SessionListOperation(userID: []).output(
                of: UpstreamResponse(
                    status: 200,
                    body: Array(
                        #"[{"session_id":"s","start_time":7,"expiration_time":"\ud800","x":"\ud800"},{"session_id":null},{"session_id":"t"}]"#
                            .utf8
                    )
                )
            )
        )
        #expect(sessions.omitted == [1])
        #expect(sessions.elements.map(\.element.sessionID) == [Secret("s"), Secret("t")])
        #expect(sessions.elements.map(\.element.omitted) == [["start_time", "expiration_time"], []])
    }

    @Test func `a login method that cannot be read is left out whole`() throws {
        let body = #"{"result":{"auth_methods":{"password":{"passwordMinLength":8},"google":{"a":"\ud800","b":1}}}}"#
        let methods = try #require(AuthenticationMethods.parse(Array(body.utf8)))
        #expect(methods.omitted == ["google"])
        #expect(methods.json.description == #"{"password":{"passwordMinLength":8}}"#)
    }

    @Test func `tokens are taken from an answer whose other members are odd`() throws {
        let odd = #""x":"\ud800","y":1,"y":2,"z":\#(Self.nested(40))"#
        let body = #"{"access_token":"a","token_type":"Bearer","expires_in":60,"session_id":"s",\#(odd)}"#
        #expect(UserTokens(parsing: Array(body.utf8), requiresSession: true) != nil)
        #expect(ClientTokenGrant(parsing: Array(body.utf8)) != nil)
        let twice = #"{"access_token":"a","access_token":"b","token_type":"Bearer","expires_in":60,"session_id":"s"}"#
        #expect(UserTokens(parsing: Array(twice.utf8), requiresSession: true) == nil)
    }
}

/// What the agent says of answers that break the contract.
@Suite struct ContractBreachTests {
    private static func response(_ body: String, encoding: String? = nil) -> UpstreamResponse {
        UpstreamResponse(status: 200, contentEncoding: encoding, body: Array(body.utf8))
    }

    @Test(arguments: [#""3600""#, #""3600.0""#, "3600", "3.6e3"])
    func `a lifetime may be a text of digits`(expiry: String) throws {
        let body = Array(#"{"access_token":"a","token_type":"bearer","expires_in":\#(expiry),"session_id":"s"}"#.utf8)
        #expect(UserTokens(parsing: body, requiresSession: true)?.expiresIn == 3600)
        #expect(ClientTokenGrant(parsing: body)?.lifetime == .seconds(3600))
    }

    @Test(arguments: [
        #""""#, #""an hour""#, #""-1""#, #""0x10""#, #"" 60""#, #""1e3""#, #"".5""#, #""5.""#, #""1.2.3""#, "true",
    ])
    func `other texts are none, and are named`(expiry: String) throws {
        let body = #"{"access_token":"a","token_type":"Bearer","expires_in":\#(expiry)}"#
        guard case .failure(let failure) = ClientTokenGrant.classify(Self.response(body), wallClock: 0) else {
            throw Unexpected()
        }
        #expect(failure.kind == .protocolViolation)
        #expect(failure.detail == "expires_in is missing or not a number of seconds")
    }

    @Test(arguments: [
        (#"{"token_type":"Bearer","expires_in":1,"session_id":"s"}"#, "access_token is missing or not a text"),
        (
            #"{"access_token":7,"token_type":"Bearer","expires_in":1,"session_id":"s"}"#,
            "access_token is missing or not a text"
        ),
        (
            #"{"access_token":"a","token_type":"mac","expires_in":1,"session_id":"s"}"#,
            "token_type is missing or not Bearer"
        ),
        (
            #"{"access_token":"a","token_type":"Bearer","session_id":"s"}"#,
            "expires_in is missing or not a number of seconds"
        ),
        (#"{"access_token":"a","token_type":"Bearer","expires_in":1}"#, "session_id is missing or not a text"),
        ("", "the body is empty"), ("<html>", "the body is not JSON"), ("[]", "access_token is missing or not a text"),
    ])
    func `the first member that is wrong is named`(body: String, detail: String) {
        let members = UserTokens.requiredMembers(withSession: true)
        #expect(ContractBreach.description(of: Self.response(body), lacking: members) == detail)
    }

    @Test(arguments: ["gzip", "br", "GZIP"])
    func `a body in an encoding that was not asked for is named as that`(encoding: String) {
        let response = UpstreamResponse(status: 200, contentEncoding: encoding, body: [0x1F, 0x8B, 8, 0])
        guard case .failure(let failure) = ClientTokenGrant.classify(response, wallClock: 0) else {
            Issue.record("taken")
            return
        }
        #expect(failure.detail == "the body has a Content-Encoding although none was asked for")
        #expect(failure.description.contains("Content-Encoding"))
    }

    @Test(arguments: [
        ("invalid_client", APIFailure.Kind.credentialRejected), ("invalid_target", .notConfigured),
        ("temporarily_unavailable", .unavailable),
    ])
    func `an OAuth error with status 200 is that error`(code: String, kind: APIFailure.Kind) {
        let body = #"{"error":"\#(code)","error_description":"no"}"#
        guard case .failure(let failure) = ClientTokenGrant.classify(Self.response(body), wallClock: 0) else {
            Issue.record("taken")
            return
        }
        #expect(failure.kind == kind)
        #expect(failure.code == code)
        #expect(failure.detail == nil)
    }

    private struct Unexpected: Error {}
}
