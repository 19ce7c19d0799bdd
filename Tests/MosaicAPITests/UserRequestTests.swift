import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import MosaicAPI

/// What leaves the agent for E14 and E27 to E39, and what a success answer is taken for.
@Suite(.longTimeLimit)
struct `The requests about users` {
    static let user = #"{"user_id":"u1","status":"Active","created_at":1700000000000,"updated_at":1,"new":[1]}"#
    static let odd = Array("+1 (617)/é?&=%".utf8)
    static let oddEncoded = "%2B1%20%28617%29%2F%C3%A9%3F%26%3D%25"

    /// Carries an operation out and checks what arrived.
    private func expect<Operation: APIOperation>(
        _ operation: Operation,
        status: Int = 200,
        answer: String = #"{"result":\#(user)}"#,
        line: String,
        bearer: String = "t1",
        body: String = "",
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> Operation.Output? {
        let (result, calls) = try await RecordingMosaic.carryOut(operation, answer: status, answer)
        let call = try #require(calls.first, sourceLocation: location)
        #expect(calls.count == 1, sourceLocation: location)
        #expect(call.line == line, sourceLocation: location)
        #expect(call.headers["authorization"] == "Bearer \(bearer)", sourceLocation: location)
        #expect(call.headers["content-type"] == (body.isEmpty ? nil : "application/json"), sourceLocation: location)
        #expect(call.body == body, sourceLocation: location)
        #expect(result.failure == nil, sourceLocation: location)
        return result.value
    }

    private func object(_ text: String) throws -> JSONText {
        try JSONText(parsing: Array(text.utf8), maximumDepth: 16)
    }

    @Test func `E27 sends every field under Mosaic's name, objects as they were written`() async throws {
        var profile = MosaicUserProfile()
        profile.email = Secret("a@example.com")
        profile.phoneNumber = Secret("+491700000000")
        profile.username = Secret("ann\"")
        profile.secondaryEmails = ["b@example.com"]
        profile.secondaryPhoneNumbers = ["+491700000001"]
        profile.name = try object(#"{"first_name": "Ann"}"#)
        profile.birthday = "2000-01-02T00:00:00Z"
        profile.address = try object(#"{"type":"Home"}"#)
        profile.language = "de"
        profile.picture = "https://p"
        profile.externalUserID = Secret("x1")
        profile.externalAccountID = "y1"
        profile.customData = try object(#"{ "a":1.0 }"#)
        profile.customAppData = try object("{}")
        profile.delegatedAccess = try object(#"{"actor_id":"u2","permissions":[]}"#)
        let credentials = UserCreateOperation.Credentials(password: Secret(#"p"w"#), forceReplace: false)
        let created = try await expect(
            UserCreateOperation(profile: profile, credentials: credentials),
            status: 201,
            line: "POST /cis/v1/users",
            body: #"{"email":"a@example.com","phone_number":"+491700000000","username":"ann\"","#
                + #""secondary_emails":["b@example.com"],"secondary_phone_numbers":["+491700000001"],"#
                + #""name":{"first_name": "Ann"},"birthday":"2000-01-02T00:00:00Z","address":{"type":"Home"},"#
                + #""language":"de","picture":"https://p","external_user_id":"x1","external_account_id":"y1","#
                + #""custom_data":{ "a":1.0 },"custom_app_data":{},"#
                + #""delegated_access":{"actor_id":"u2","permissions":[]},"#
                + #""credentials":{"password":"p\"w","force_replace":false}}"#
        )
        #expect(created?.user.object.json.description == Self.user, "as Mosaic wrote it, unknown members too")
        #expect(created?.user.userID == "u1")
    }

    @Test func `E27 sends no field that was not given`() async throws {
        var profile = MosaicUserProfile()
        profile.username = Secret("ann")
        _ = try await expect(
            UserCreateOperation(profile: profile),
            status: 201,
            line: "POST /cis/v1/users",
            body: #"{"username":"ann"}"#
        )
    }

    struct Attachment: Sendable, CustomTestStringConvertible {
        let name: String
        var created: Int64 = 1_700_000_000
        var password: String? = #"{"temporary":false,"expired":false,"updated_at":1700000000000}"#
        var forceReplace = false
        var isAsked = true
        let isSet: Bool

        var testDescription: String { name }
    }

    @Test(arguments: [
        Attachment(name: "user and password are new", isSet: true),
        Attachment(
            name: "a temporary one",
            password: #"{"temporary":true,"updated_at":1700000000000}"#,
            forceReplace: true,
            isSet: true
        ),
        Attachment(name: "no password was asked for", isAsked: false, isSet: false),
        Attachment(name: "the user has none", password: nil, isSet: false),
        Attachment(name: "the user is older than the request", created: 1_699_999_000, isSet: false),
        Attachment(
            name: "the password is older than the request",
            password: #"{"temporary":false,"updated_at":1699999000000}"#,
            isSet: false
        ),
        Attachment(name: "the password is not temporary as asked", forceReplace: true, isSet: false),
        Attachment(name: "nobody says when it was set", password: #"{"temporary":false}"#, isSet: false),
        // Mosaic's clock may be two minutes behind.
        Attachment(
            name: "clocks differ a little",
            created: 1_699_999_880,
            password: #"{"temporary":false,"updated_at":1699999880000}"#,
            isSet: true
        ),
    ])
    func `an attached user does not count as having the new password`(row: Attachment) throws {
        let password = row.password.map { #","password_information":\#($0)"# } ?? ""
        let text = #"{"result":{"user_id":"u","status":"Active","created_at":\#(row.created * 1000)\#(password)}}"#
        let user = try #require(MosaicUser(parsing: Array(text.utf8)))
        let asked = UserCreateOperation.Credentials(password: Secret("p"), forceReplace: row.forceReplace)
        let created = CreatedUser(user, asked: row.isAsked ? asked : nil, requestedAt: 1_700_000_000)
        #expect(created.credentialsSet == row.isSet)
        // A time in seconds means the same.
        let seconds = text.replacing("\"created_at\":\(row.created * 1000)", with: "\"created_at\":\(row.created)")
        let same = try #require(MosaicUser(parsing: Array(seconds.utf8)))
        #expect(
            CreatedUser(same, asked: row.isAsked ? asked : nil, requestedAt: 1_700_000_000).credentialsSet == row.isSet
        )
    }

    @Test(arguments: [
        (UserKey.userID(odd), "/\(oddEncoded)"), (.username(odd), "/username/\(oddEncoded)"),
        (.email(odd), "/email/\(oddEncoded)"), (.phoneNumber(odd), "/phone-number/\(oddEncoded)"),
        (.externalUserID(odd), "/external-user-id/\(oddEncoded)"),
        (
            .identifier(name: Array("idp Identifier".utf8), value: odd),
            "/identifier?identifier_name=idp%20Identifier&identifier_value=\(oddEncoded)"
        ),
        (.username(Array("..".utf8)), "/username/%2E%2E"),
        (.phoneNumber(Array("+491700000000".utf8)), "/phone-number/%2B491700000000"),
        (.email(Array("a@example.com".utf8)), "/email/a%40example.com"),
    ])
    func `E31 to E36 encode the identifier`(key: UserKey, path: String) async throws {
        let user = try await expect(UserGetOperation(by: key), line: "GET /cis/v1/users\(path)")
        #expect(user?.userID == "u1")
    }

    @Test func `E37 sends the conditions and brings a page`() async throws {
        var listing = UserSearchOperation(pageLimit: 7)
        _ = try await expect(
            listing,
            answer: #"{"result":[]}"#,
            line: "GET /cis/v1/users?page_limit=7"
        )
        listing.filter = #"email eq "a+b@x""#
        listing.prefix = "+49"
        listing.pageOffset = 14
        listing.sortField = "last_auth"
        listing.sortOrder = "desc"
        let page = try await expect(
            listing,
            answer: #"{"result":[\#(Self.user)],"total_count":15,"page_info":{"has_next_page":false,"#
                + #""has_previous_page":true}}"#,
            line: "GET /cis/v1/users?search=email%20eq%20%22a%2Bb%40x%22&search_prefix=%2B49&page_offset=14"
                + "&page_limit=7&sort_field=last_auth&sort_order=desc"
        )
        #expect(page?.users.elements.map(\.element.userID) == ["u1"])
        #expect(page?.totalCount == 15 && page?.hasNextPage == false && page?.hasPreviousPage == true)
    }

    @Test func `E38 sends what is to change and no credentials`() async throws {
        var profile = MosaicUserProfile()
        profile.language = "de"
        let user = try await expect(
            UserUpdateOperation(userID: Array("a/b".utf8), profile: profile, status: "Disabled"),
            line: "PUT /cis/v1/users/a%2Fb",
            body: #"{"language":"de","status":"Disabled"}"#
        )
        #expect(user?.userID == "u1")
    }

    @Test func `E39 brings the bare array`() async throws {
        let authenticator = #"{"id":"a1","type":"password","status":"Locked","registered_at":"x"}"#
        let list = try await expect(
            UserAuthenticatorsOperation(userID: Array("u1".utf8)),
            answer: "[\(authenticator)]",
            line: "GET /cis/v1/users/u1/authenticators"
        )
        #expect(list?.elements.map(\.element.object.json.description) == [authenticator])
    }

    @Test func `E28 and E29 always say whether the password is temporary`() async throws {
        var registration = PasswordRegisterOperation(
            userID: Array("u1".utf8),
            password: Secret("p"),
            forceReplace: true
        )
        let message = #"{"result":{"message":"Password registered"}}"#
        let receipt = try await expect(
            registration,
            status: 201,
            answer: message,
            line: "POST /cis/v1/users/u1/password",
            body: #"{"password":"p","force_replace":true}"#
        )
        #expect(receipt?.message == "Password registered")
        registration.username = Secret("ann")
        registration.enforceComplexity = false
        registration.deviceID = "d"
        _ = try await expect(
            registration,
            status: 201,
            answer: "",
            line: "POST /cis/v1/users/u1/password",
            body: #"{"password":"p","force_replace":true,"username":"ann","enforce_complexity":false,"device_id":"d"}"#
        )
        _ = try await expect(
            PasswordUpdateOperation(
                userID: Array("u1".utf8),
                password: Secret("p"),
                forceReplace: false,
                deviceID: "d"
            ),
            answer: message,
            line: "PUT /cis/v1/users/u1/password",
            body: #"{"password":"p","force_replace":false,"device_id":"d"}"#
        )
    }

    @Test func `E30 goes out with the user's token`() async throws {
        var registration = PasswordRegisterOwnOperation(userToken: Secret("user-token"), password: Secret("p"))
        registration.username = Secret("ann")
        registration.deviceID = "d"
        _ = try await expect(
            registration,
            answer: #"{"result":{"message":"done"}}"#,
            line: "POST /cis/v1/users/me/password-credentials",
            bearer: "user-token",
            body: #"{"password":"p","username":"ann","device_id":"d"}"#
        )
    }

    @Test(arguments: [
        (PasswordCheckOperation.User?.none, ""), (.username(Secret("ann")), #","username":"ann""#),
        (.email(Secret("a@x")), #","email":"a@x""#), (.phoneNumber(Secret("+1")), #","phone_number":"+1""#),
    ])
    func `E14 names at most one user`(user: PasswordCheckOperation.User?, members: String) async throws {
        let assessment = try await expect(
            PasswordCheckOperation(password: Secret("p"), user: user),
            answer: #"{"result":{"valid_password":false,"errors":[{"code":"c","message":"too short"},{"code":"x"}]}}"#,
            line: "POST /cis/v1/auth/password/validate",
            body: #"{"password":"p"\#(members)}"#
        )
        #expect(assessment?.isValid == false)
        #expect(assessment?.errors == [APIFailure.Violation(code: "c", message: "too short")])
    }

    @Test(arguments: ["", "[]", "{}", #"{"result":{}}"#, #"{"result":{"user_id":"","status":"Active"}}"#, "<html>"])
    func `an answer without a user breaks the contract`(body: String) async throws {
        let (result, _) = try await RecordingMosaic.carryOut(
            UserGetOperation(by: .userID(Array("u".utf8))),
            answer: 200,
            body
        )
        #expect(result.failure?.kind == .protocolViolation)
    }
}
