import AgentProtocol
import StrictJSON
import Testing

@Suite struct ProtocolErrorTests {
    /// The table of the protocol, written out once more by hand.
    static let table: [(Int, String)] = [
        (-32700, "parse_error"), (-32600, "invalid_request"), (-32601, "method_not_found"), (-32602, "invalid_params"),
        (-32603, "internal"), (-32800, "cancelled"), (1001, "forbidden"), (1002, "throttled"), (1003, "overloaded"),
        (1004, "deadline_exceeded"), (1005, "shutting_down"), (1101, "upstream_unavailable"),
        (1102, "upstream_rate_limited"), (1103, "credential_rejected"), (1104, "upstream_protocol"),
        (1105, "upstream_forbidden"), (1201, "password_rejected"), (1202, "conflict"), (1203, "not_found"),
        (1204, "not_configured"), (1205, "invalid_token"), (1206, "result_too_large"),
    ]

    @Test func `kinds and codes are those of the protocol`() {
        #expect(ErrorKind.table.map(\.code) == Self.table.map(\.0))
        #expect(ErrorKind.table.map(\.kind.name) == Self.table.map(\.1))
        for (code, name) in Self.table {
            #expect(ErrorKind(name).code == code)
            #expect(ErrorKind(code: code)?.name == name)
        }
        #expect(ErrorKind("brand_new").code == nil)
        #expect(ErrorKind(code: 4711) == nil)
    }

    /// For which (outcome, method) an error may be retried: not sent + effect, unknown + effect, unknown + read.
    static let retries: [(ErrorKind, Bool, Bool, Bool)] = [
        (.parseError, false, false, false), (.invalidRequest, false, false, false),
        (.methodNotFound, false, false, false),
        (.invalidParams, false, false, false), (.internal, true, false, false), (.cancelled, true, false, false),
        (.forbidden, false, false, false), (.throttled, true, true, true), (.overloaded, true, true, true),
        (.deadlineExceeded, true, false, false), (.shuttingDown, true, true, true),
        (.upstreamUnavailable, true, false, true), (.upstreamRateLimited, true, true, true),
        (.credentialRejected, false, false, false), (.upstreamProtocol, false, false, true),
        (.upstreamForbidden, false, false, false), (.passwordRejected, false, false, false),
        (.conflict, false, false, false), (.notFound, false, false, false), (.notConfigured, false, false, false),
        (.invalidToken, false, false, false), (.resultTooLarge, false, false, false),
        (ErrorKind("brand_new"), false, false, false),
    ]

    @Test(arguments: retries)
    func `what may be sent again follows from kind, outcome and method`(
        kind: ErrorKind,
        notSent: Bool,
        unknown: Bool,
        read: Bool
    ) {
        #expect(kind.isRetryable(outcome: .notSent, retryClass: .effect) == notSent)
        #expect(kind.isRetryable(outcome: .unknown, retryClass: .effect) == unknown)
        #expect(kind.isRetryable(outcome: .unknown, retryClass: .read) == read)
        #expect(ProtocolError(kind, "m", outcome: .notSent, retryClass: .effect).retryable == notSent)
        // What Mosaic refused had no more effect than what was not sent.
        #expect(kind.isRetryable(outcome: .refused, retryClass: .effect) == notSent)
        #expect(kind.isRetryable(outcome: .refused, retryClass: .read) == (notSent || read))
    }

    @Test(arguments: [
        ("not_sent", Outcome.notSent), ("refused", .refused), ("unknown", .unknown), ("not known yet", .unknown),
    ])
    func `an outcome that this version does not know is unknown`(name: String, outcome: Outcome) throws {
        let line =
            #"{"jsonrpc":"2.0","id":1,"error":{"code":1101,"message":"m","data":{"kind":"upstream_unavailable","outcome":"\#(name)"}}}"#
        guard case .failure(let error) = try Response(parsing: Array(line.utf8)).outcome else { throw Unexpected() }
        #expect(error.outcome == outcome)
    }

    @Test func `an error with everything comes back as it went`() throws {
        let error = ProtocolError(
            .passwordRejected,
            "the password is weak",
            id: RequestID("a"),
            outcome: .unknown,
            retryClass: .effect,
            retryAfterMilliseconds: 250,
            parameter: "password",
            callID: "c1",
            upstream: .init(status: 400, code: "auth_password_weak"),
            violations: [.init(code: "auth_password_weak", message: "too short"), .init(message: "no digit")]
        )
        let line = error.line()
        let response = try Response(parsing: line)
        guard case .failure(let decoded) = response.outcome else { throw Unexpected() }
        #expect(decoded == error)
        #expect(decoded.line() == line)
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":"a","error":{"code":1201,"message":"the password is weak","data":{"#
                + #""kind":"password_rejected","retryable":false,"call_id":"c1","outcome":"unknown","retry_after_ms":250,"#
                + #""param":"password","upstream":{"status":400,"code":"auth_password_weak"},"#
                + #""violations":[{"code":"auth_password_weak","message":"too short"},{"message":"no digit"}]}}}"#
        )
    }

    @Test(arguments: table)
    func `an error of every kind comes back`(code: Int, name: String) throws {
        let error = ProtocolError(ErrorKind(name), "m", id: RequestID(1))
        #expect(error.code == code)
        guard case .failure(let decoded) = try Response(parsing: error.line()).outcome else { throw Unexpected() }
        #expect(decoded == error)
    }

    @Test(arguments: [
        (
            #"{"jsonrpc":"2.0","id":null,"error":{"code":4711,"message":"m","data":{"kind":"brand_new","retryable":true}}}"#,
            "brand_new", true
        ),
        (#"{"jsonrpc":"2.0","id":null,"error":{"code":1001,"message":"m"}}"#, "forbidden", false),
        (#"{"jsonrpc":"2.0","id":null,"error":{"code":4711,"message":"m"}}"#, "unknown", false),
        (
            #"{"jsonrpc":"2.0","id":null,"error":{"code":1001,"message":"m","new":1,"data":{"kind":"forbidden","new":[]}},"new":1}"#,
            "forbidden", false
        ),
    ])
    func `errors of another version are kept`(line: String, kind: String, isRetryable: Bool) throws {
        let response = try Response(parsing: Array(line.utf8))
        guard case .failure(let error) = response.outcome else { throw Unexpected() }
        #expect(response.id == nil)
        #expect(error.kind.name == kind)
        #expect(error.retryable == isRetryable)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
        #"{"jsonrpc":"2.0","id":null,"result":{}}"#, #"{"jsonrpc":"2.0","result":{}}"#, #"{"id":1,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":1.5,"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":"m"}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":1}"#, #"{"jsonrpc":"2.0","id":1,"result":{}} x"#,
    ])
    func `a line that is no answer is refused by the client`(line: String) {
        #expect(throws: Response.Failure.self) { try Response(parsing: Array(line.utf8)) }
    }

    @Test func `the fixed answers carry a null id`() throws {
        for error in [
            ProtocolError.lineTooLong(limit: 65_536), .unterminatedLine, .lineTooSlow(limit: .seconds(5)), .idInFlight,
        ] {
            let json = try JSONDocument(parsing: error.line(), maximumDepth: 4).root
            #expect(json["id"]?.isNull == true)
        }
        #expect(ProtocolError.lineTooLong(limit: 65_536).code == -32600)
        #expect(ProtocolError.unterminatedLine.code == -32700)
        #expect(ProtocolError.lineTooSlow(limit: .seconds(5)).message.contains("5 s"))
        let id = try #require(RequestID(3))
        #expect(ProtocolError.methodNotFound(on: .main, id: id).id == id)
        #expect(ProtocolError.idInFlight.answering(id).id == id)
        #expect(ProtocolError.idInFlight.description.hasPrefix("invalid_request (-32600): "))
    }

    @Test func `lines to the agent are what the agent reads`() throws {
        let id = try #require(RequestID("x"))
        let text = String(decoding: RequestLine.cancel(id), as: UTF8.self)
        #expect(text == #"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":"x"}}"#)
        guard case .cancel(let target) = IncomingLine(parsing: RequestLine.cancel(id)) else { throw Unexpected() }
        #expect(target == id)
        let params = try JSONText(parsing: Array("{\n\"a\":1}".utf8), maximumDepth: 4)
        let call = RequestLine.call(id: id, method: "m", params: params)
        #expect(String(decoding: call, as: UTF8.self) == #"{"jsonrpc":"2.0","id":"x","method":"m","params":{ "a":1}}"#)
        guard case .request(let request) = IncomingLine(parsing: RequestLine.call(id: id, method: "m", params: nil))
        else { throw Unexpected() }
        #expect(request.method == "m")
    }
}
