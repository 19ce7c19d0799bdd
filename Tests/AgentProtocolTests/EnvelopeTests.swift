import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@Suite struct EnvelopeTests {
    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#, "1"),
        (#"{"jsonrpc":"2.0","id":"a","method":"system.ping","params":{}}"#, #""a""#),
        (#" {"params":{"x":1},"method":"m","id":-1,"jsonrpc":"2.0"} "#, "-1"),
        (#"{"jsonrpc":"2.0","id":0,"method":""}"#, "0"),
        (#"{"jsonrpc":"2.0","id":"","method":"m"}"#, #""""#),
        (#"{"jsonrpc":"2.0","id":9007199254740991,"method":"m"}"#, "9007199254740991"),
        (#"{"jsonrpc":"2.0","id":-9007199254740991,"method":"m"}"#, "-9007199254740991"),
        (#"{"\u006asonrpc":"2.0","id":"\u0061\/","method":"m"}"#, #""\u0061\/""#),
        (#"{"jsonrpc":"2.0","id":"é😀","method":"m"}"#, #""é😀""#),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":1e400}"#, "1"),
    ])
    func `a request is read and its id echoed as written`(text: String, id: String) throws {
        guard case .request(let request) = IncomingLine(parsing: Array(text.utf8)) else {
            Issue.record("not a request: \(text)")
            return
        }
        #expect(request.id.description == id)
        let answer = SystemPing.answerLine(id: request.id, result: .init())
        #expect(String(decoding: answer, as: UTF8.self) == #"{"jsonrpc":"2.0","id":\#(id),"result":{}}"#)
    }

    /// Line, code, echoed id.
    static let refused: [(String, Int, String)] = [
        // Not JSON, and no id before what is wrong.
        ("", -32700, "null"), (" \t", -32700, "null"), ("{", -32700, "null"), ("nonsense", -32700, "null"),
        (#"{"jsonrpc":"2.0","method":"\ud800","id":1}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","params":{"id":1,"a":"\ud800"},"id":2}"#, -32700, "null"),
        (#"{"params":{"id":1},"method":"\ud800"}"#, -32700, "null"),
        (#"["id",1,{"id":1,"a":"\ud800"}]"#, -32700, "null"),
        // The id is not complete, is not followed by a comma, or is no id.
        (#"{"jsonrpc":"2.0","id":1"#, -32700, "null"), (#"{"jsonrpc":"2.0","id":1 "method":"m"}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":"a\ud800","method":"m"}"#, -32700, "null"),
        (#"{"method":"m","id":1} x"#, -32700, "null"), (#"{"method":"m","id":1"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":1.5,"method":"\ud800"}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":null,"method":"\ud800"}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":[1],"method":"\ud800"}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":[1,"method":"\ud800"}"#, -32700, "null"),
        // Two ids are none.
        (#"{"jsonrpc":"2.0","id":1,"id":1,"method":"m"}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"m"}"#, -32700, "null"),
        (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"\ud800"}"#, -32700, "null"),
        // Not JSON, behind an id.
        (#"{"jsonrpc":"2.0","id":1,"method":"m"} x"#, -32700, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2}}"#, -32700, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","method":"m"}"#, -32700, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#, -32700, "1"),
        (#"{"jsonrpc":"2.0","id":"\u0061","method":"m","params":{"username":"a\ud800"}}"#, -32700, #""\u0061""#),
        (#"{"jsonrpc":"2.0","\u0069d":1 , "method":"m","params":{"a":01}}"#, -32700, "1"),
        (#"{"params":{"id":2,"b":[{}]},"id":1,"method":tru}"#, -32700, "1"), (#"{"id":1,"#, -32700, "1"),
        (#"{"id":1,"params":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"#, -32700, "1"),
        ("\u{FEFF}" + #"{"jsonrpc":"2.0","id":1,"method":"m"}"#, -32700, "null"),
        // JSON but no request.
        ("[]", -32600, "null"), (#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#, -32600, "null"), ("1", -32600, "null"),
        ("null", -32600, "null"), (#""x""#, -32600, "null"), ("true", -32600, "null"), ("{}", -32600, "null"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","extra":1}"#, -32600, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","result":1}"#, -32600, "1"),
        (#"{"jsonrpc":"2.0","id":"a","method":"m","Params":{}}"#, -32600, #""a""#),
        (#"{"id":1,"method":"m"}"#, -32600, "1"), (#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, -32600, "1"),
        (#"{"jsonrpc":2.0,"id":1,"method":"m"}"#, -32600, "1"), (#"{"jsonrpc":"2.0","id":1}"#, -32600, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":1}"#, -32600, "1"),
        (#"{"jsonrpc":"2.0","id":1,"method":null}"#, -32600, "1"),
        // Bad ids.
        (#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":1.0,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":1e2,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":-0,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":1e400,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":9007199254740992,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":-9007199254740992,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":true,"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":[1],"method":"m"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, -32600, "null"),
        // Notifications.
        (#"{"jsonrpc":"2.0","method":"system.ping"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/other","params":{}}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/cancel"}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":{}}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":[1]}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":null}}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1.5}}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1,"why":"x"}}"#, -32600, "null"),
        (#"{"jsonrpc":"2.0","id":7,"method":"$/cancel","params":{"id":1}}"#, -32600, "7"),
    ]

    @Test(arguments: refused)
    func `everything else is refused under its id where that could be read`(text: String, code: Int, id: String) throws
    {
        guard case .invalid(let error) = IncomingLine(parsing: Array(text.utf8)) else {
            Issue.record("accepted: \(text)")
            return
        }
        #expect(error.code == code)
        let answer = try JSONDocument(parsing: error.line(), maximumDepth: 8).root
        #expect(answer["id"]?.rawText.description == id)
        #expect(answer["error"]?["data"]?["retryable"]?.boolean == false)
        #expect(answer["error"]?["data"]?["kind"]?.string == (code == -32700 ? "parse_error" : "invalid_request"))
    }

    @Test func `a batch is told to pipeline`() {
        guard case .invalid(let error) = IncomingLine(parsing: Array("[]".utf8)) else {
            Issue.record("accepted")
            return
        }
        #expect(error.message.contains("pipeline"))
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1}}"#, RequestID(1)),
        (#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":"a"}}"#, RequestID("a")),
        (#"{"jsonrpc":"2.0","method":"$\/cancel","params":{"id":"\u0061"}}"#, RequestID("a")),
    ])
    func `a cancellation names a call`(text: String, id: RequestID?) {
        guard case .cancel(let target) = IncomingLine(parsing: Array(text.utf8)) else {
            Issue.record("not a cancellation")
            return
        }
        #expect(target == id)
    }

    @Test func `an id is at most 64 bytes after decoding`() {
        let escaped = String(repeating: #"\u0061"#, count: 64)
        for (id, isValid) in [
            (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false), (escaped, true),
            (escaped + "a", false), (String(repeating: "é", count: 32), true),
            (String(repeating: "é", count: 33), false),
        ] {
            let line = IncomingLine(parsing: Array(#"{"jsonrpc":"2.0","id":"\#(id)","method":"m"}"#.utf8))
            if case .request = line { #expect(isValid) } else { #expect(!isValid) }
        }
        #expect(RequestID(String(repeating: "a", count: 65)) == nil)
        #expect(RequestID(9_007_199_254_740_992) == nil)
        #expect(RequestID(Int64.min) == nil)
    }

    @Test func `nesting counts the line's own object as the first level`() {
        for depth in 14...17 {
            let nested = String(repeating: "[", count: depth - 2) + String(repeating: "]", count: depth - 2)
            let text = #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"x":\#(nested)}}"#
            let line = IncomingLine(parsing: Array(text.utf8))
            if case .request = line { #expect(depth <= 16) } else { #expect(depth == 17) }
        }
    }

    @Test func `ids are compared decoded, as bytes and with their type`() throws {
        func id(_ text: String) throws -> RequestID {
            let line = IncomingLine(parsing: Array(#"{"jsonrpc":"2.0","id":\#(text),"method":"m"}"#.utf8))
            guard case .request(let request) = line else { throw Unexpected() }
            return request.id
        }
        #expect(try id(#""a""#) == id(#""\u0061""#))
        #expect(try id(#""a""#).hashValue == id(#""\u0061""#).hashValue)
        #expect(try id("1") != id(#""1""#))
        #expect(try id("\"\u{E9}\"") != id("\"e\u{301}\""))
        #expect(try id("\"K\"") != id(#""\u212A""#))
        #expect(try Set([id("1"), id("1"), id("2")]).count == 2)
    }

    @Test func `a hostile line of the largest size is judged quickly`() {
        let keys = (0..<7_000).map { #""k\#($0)":0"# }.joined(separator: ",")
        let time = processorTime {
            for text in [
                #"{"jsonrpc":"2.0","id":1,"method":"m","params":{\#(keys)}}"#, String(repeating: "[", count: 65_536),
                String(repeating: #"{"a":"#, count: 13_000), "\"" + String(repeating: #"\u0041"#, count: 10_900) + "\"",
                "[" + String(repeating: "0,", count: 32_000) + "0]",
            ] {
                _ = IncomingLine(parsing: Array(text.utf8))
            }
        }
        #expect(time < .seconds(5))
    }
}

struct Unexpected: Error {}
