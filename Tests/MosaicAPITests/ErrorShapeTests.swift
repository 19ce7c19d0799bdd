import Testing

@testable import MosaicAPI

struct `An error body` {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        var isObject = true
        var isOAuth = false
        var code: String?
        var legacyCode: Int?
        var message: String?
        var isList = false
        var resetToken: String?

        var testDescription: String { name }
    }

    static let rows = [
        Row(
            name: "A: list of messages, number",
            body: #"{"message":["first","second"],"error_code":400}"#,
            legacyCode: 400,
            message: "first",
            isList: true
        ),
        Row(name: "B: message, number", body: #"{"message":"no","error_code":403}"#, legacyCode: 403, message: "no"),
        Row(
            name: "B with a reset token",
            body: #"{"message":"password_expired","error_code":403,"reset_token":"rt"}"#,
            legacyCode: 403,
            message: "password_expired",
            resetToken: "rt"
        ),
        Row(name: "C: digits", body: #"{"message":"no","error_code":"404"}"#, legacyCode: 404, message: "no"),
        Row(
            name: "D: symbol",
            body: #"{"error_code":"auth_locked","message":"no"}"#,
            code: "auth_locked",
            message: "no"
        ),
        Row(
            name: "E: conflict",
            body: #"{"message":"taken","error_code":409,"ts_error_code":"user_exists"}"#,
            code: "user_exists",
            legacyCode: 409,
            message: "taken"
        ),
        Row(
            name: "F: OAuth",
            body: #"{"error":"invalid_client","error_description":"bad"}"#,
            isOAuth: true,
            code: "invalid_client",
            message: "bad"
        ),
        Row(name: "F without description", body: #"{"error":"slow_down"}"#, isOAuth: true, code: "slow_down"),
        Row(name: "unknown symbol is kept", body: #"{"error_code":"brand_new"}"#, code: "brand_new"),
        Row(name: "empty list", body: #"{"message":[]}"#, isList: true),
        Row(name: "list of other things", body: #"{"message":[1,{"a":2}]}"#, isList: true),
        Row(name: "members of wrong types", body: #"{"message":5,"error_code":{},"error":[],"reset_token":1}"#),
        Row(name: "empty reset token", body: #"{"reset_token":""}"#),
        Row(name: "code with spaces is no symbol", body: #"{"error_code":"not a code"}"#),
        Row(name: "number with fraction", body: #"{"error_code":4.5}"#),
        Row(name: "huge number of digits", body: #"{"error_code":"99999999999999999999"}"#),
        Row(name: "control characters in the message", body: #"{"message":"a\nb\u0000c"}"#, message: "a b c"),
        Row(name: "empty object", body: "{}"),
        Row(name: "empty body", body: "", isObject: false),
        Row(name: "HTML", body: "<html><h1>403 Forbidden</h1></html>", isObject: false),
        Row(name: "array", body: #"["message"]"#, isObject: false),
        Row(name: "scalar", body: "null", isObject: false),
        Row(name: "cut off", body: #"{"message":"x"#, isObject: false),
        Row(name: "duplicate key", body: #"{"error_code":1,"error_code":2}"#, isObject: false),
    ]

    @Test(arguments: rows)
    func `is read in every shape, and in none`(row: Row) {
        let body = ErrorBody(Array(row.body.utf8))
        #expect(body.isObject == row.isObject)
        #expect(body.isOAuth == row.isOAuth)
        #expect(body.code == row.code)
        #expect(body.legacyCode == row.legacyCode)
        #expect(body.message == row.message)
        #expect(body.messageIsList == row.isList)
        #expect(body.resetToken?.text == row.resetToken)
    }

    @Test func `keeps messages and codes short`() {
        let long = String(repeating: "ä", count: 5_000)
        let body = ErrorBody(
            Array(#"{"message":"\#(long)","error_code":"\#(String(repeating: "x", count: 65))"}"#.utf8)
        )
        #expect((body.message?.utf8.count ?? 0) <= 201)
        #expect(body.code == nil)
    }

    @Test func `that is not UTF-8 is no object`() {
        #expect(!ErrorBody([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]).isObject)
    }
}

struct `A refusal` {
    @Test(arguments: [
        (429, APIFailure.Kind.rateLimited), (408, .unavailable), (500, .unavailable), (503, .unavailable),
        (599, .unavailable), (403, .forbidden), (401, .credentialRejected), (400, .protocolViolation),
        (404, .protocolViolation), (302, .protocolViolation), (418, .protocolViolation),
    ])
    func `has a kind by its status`(status: Int, kind: APIFailure.Kind) {
        let refusal = UpstreamError(UpstreamResponse(status), wallClock: 0)
        #expect(refusal.kindByStatus == kind)
        #expect(refusal.failure(kind).status == status)
    }

    @Test(
        arguments: [
            (
                #"{"error_code":"system_invalid_input","message":"redirect_uri is not one of the allowed"}"#,
                .redirectURI
            ),
            (#"{"error_code":"auth_login_preferences_missing"}"#, .loginMethod),
            (#"{"error_code":"external_provider_configuration_error"}"#, .messageProvider),
            (#"{"error_code":404,"message":"App not found"}"#, .application),
            (#"{"error":"unauthorized_client"}"#, .grant), (#"{"error":"invalid_target"}"#, .resource),
            (#"{"error_code":403,"message":"something else"}"#, nil), ("", nil),
        ] as [(String, APIFailure.Cause?)]
    )
    func `says which part of the set-up is missing`(body: String, cause: APIFailure.Cause?) {
        let refusal = UpstreamError(UpstreamResponse(400, body), wallClock: 0)
        #expect(refusal.failure(.notConfigured).cause == cause)
        #expect(refusal.failure(.invalidInput).cause == nil)
    }

    @Test(arguments: APIFailure.Kind.allCases)
    func `is a clear no if its kind says so and the status is one of refusals`(kind: APIFailure.Kind) {
        let refusals: [APIFailure.Kind] = [
            .rateLimited, .credentialRejected, .forbidden, .invalidToken, .notConfigured, .invalidInput,
            .passwordRejected, .conflict, .notFound,
        ]
        for status in [400, 401, 403, 404, 409, 429, 499] {
            let expected: APIFailure.Outcome = refusals.contains(kind) ? .refused : .answered
            #expect(UpstreamError(UpstreamResponse(status), wallClock: 0).failure(kind).outcome == expected)
        }
        for status in [200, 302, 500, 502, 503, 599] {
            #expect(UpstreamError(UpstreamResponse(status), wallClock: 0).failure(kind).outcome == .answered)
        }
    }

    @Test func `to a request without the client's token rejects no credential`() {
        let refusal = UpstreamError(UpstreamResponse(401), wallClock: 0, carriedClientToken: false)
        #expect(refusal.kindByStatus == .protocolViolation)
        #expect(!refusal.failure(.credentialRejected).concernsBearer)
    }
}

struct `Retry-After` {
    @Test(arguments: [
        ("0", Duration?.some(.zero)), ("1", .seconds(1)), ("60", .seconds(60)), ("61", .seconds(60)),
        (" 5 ", .seconds(5)),
        ("99999999999999999999", .seconds(60)), ("12.7", .milliseconds(12_700)), ("0.25", .milliseconds(250)),
        ("1.0001", .milliseconds(1001)), ("59.9999", .seconds(60)), ("3.", nil), (".5", nil), ("60.5", .seconds(60)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)),
        ("Sunday, 06-Nov-94 08:49:47 GMT", .seconds(10)),
        ("Sun Nov  6 08:49:47 1994", .seconds(10)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", .zero),
        ("Sun, 06 Nov 1994 08:49:36 GMT", .zero),
        ("Mon, 07 Nov 1994 08:49:37 GMT", .seconds(60)),
    ])
    func `is read as seconds or as a date and capped`(field: String, wait: Duration?) {
        #expect(RetryAfter.duration(field, wallClock: 784_111_777) == wait)
    }

    @Test(arguments: [
        "", "-1", "+1", "1,5", "1.2.3", "1e1", "soon", "5 s", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "1 2 3 4 5 6 7",
    ])
    func `is ignored when it is neither`(field: String) {
        #expect(RetryAfter.duration(field, wallClock: 784_111_777) == nil)
    }

    @Test(
        arguments: [
            // The server's clock is a minute behind, or ahead, or not told, or told so that it cannot be read.
            ("Sun, 06 Nov 1994 08:48:47 GMT", "Sun, 06 Nov 1994 08:48:37 GMT", .seconds(10)),
            ("Sun, 06 Nov 1994 08:50:47 GMT", "Sun, 06 Nov 1994 08:50:37 GMT", .seconds(10)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", nil, .seconds(10)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", "yesterday", .seconds(10)),
            ("5", "Sun, 06 Nov 1994 08:48:37 GMT", .seconds(5)),
        ] as [(String, String?, Duration)]
    )
    func `as a date is the server's, by whose clock it is read`(field: String, date: String?, wait: Duration) {
        let answer = UpstreamResponse(status: 429, retryAfter: field, date: date)
        #expect(UpstreamError(answer, wallClock: 784_111_777).retryAfter == wait)
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", Int64(0)),
        ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
        ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
        ("Thu, 31 Dec 2099 23:59:59 GMT", 4_102_444_799),
        ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
    ])
    func `counts the days of the calendar right`(text: String, seconds: Int64) {
        #expect(HTTPDate.secondsSince1970(text) == seconds)
    }
}
