import Secrets
import StrictJSON
import Testing

@Suite struct JSONValueTests {
    func parse(_ text: String) throws -> JSONValue {
        try JSONDocument(parsing: Array(text.utf8), maximumDepth: 16).root
    }

    @Test(arguments: [
        (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC""#, "Aé€"),
        (#""\uD83D\uDE00""#, "😀"), (#""x\uD83D\uDE00y""#, "x😀y"), (#""\u0000""#, "\u{0}"), (#""\uFFFF""#, "\u{FFFF}"),
        (#""é€😀""#, "é€😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (#""\u007F\u0080\u07FF\u0800""#, "\u{7F}\u{80}\u{7FF}\u{800}"),
    ])
    func `strings are decoded in every form`(text: String, decoded: String) throws {
        let value = try parse(text)
        #expect(value.utf8 == Array(decoded.utf8))
        #expect(value.string?.utf8.elementsEqual(decoded.utf8) == true)
        #expect(value.utf8Count == decoded.utf8.count)
        #expect(value.secret == Secret(copying: decoded.utf8))
        #expect(value.matches(decoded))
        #expect(!value.matches(decoded + "x"))
    }

    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("-0", nil), ("1.0", nil), ("1e2", nil),
            ("0.0", nil), ("1E0", nil), ("99999999999999999999", nil), ("9007199254740993", 9_007_199_254_740_993),
            ("\"1\"", nil), ("true", nil), ("null", nil),
        ] as [(String, Int64?)]
    )
    func `an integer is exact or none`(text: String, value: Int64?) throws {
        #expect(try parse(text).integer == value)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("1.5", 1.5), ("1e3", 1000), ("1e400", nil), ("-1e400", nil), ("1e-400", 0),
            ("\"1\"", nil),
        ] as [(String, Double?)]
    )
    func `a number is a finite double or none`(text: String, value: Double?) throws {
        #expect(try parse(text).number == value)
    }

    @Test func `an accessor of another kind answers nil`() throws {
        for text in ["{}", "[]", "\"a\"", "1", "true", "null"] {
            let value = try parse(text)
            #expect((value.members != nil) == (value.kind == .object))
            #expect((value.elements != nil) == (value.kind == .array))
            #expect((value.string != nil) == (value.kind == .string))
            #expect((value.utf8 != nil) == (value.kind == .string))
            #expect((value.utf8Count != nil) == (value.kind == .string))
            #expect((value.secret != nil) == (value.kind == .string))
            #expect((value.integer != nil) == (value.kind == .number))
            #expect((value.number != nil) == (value.kind == .number))
            #expect((value.boolean != nil) == (value.kind == .boolean))
            #expect(value.isNull == (value.kind == .null))
            #expect((value.count != nil) == (value.kind == .object || value.kind == .array))
            #expect(value["a"] == nil)
        }
    }

    @Test func `members and elements come in their order with their raw text`() throws {
        let value = try parse(#"{ "b" : [ 1 , {"x":[]} , "y" ] , "a" : {"c":null} , "d":false}"#)
        #expect(value.count == 3)
        #expect(value.members?.map { $0.key.string } == ["b", "a", "d"])
        #expect(
            value.members?.map { $0.value.rawText.description } == [
                #"[ 1 , {"x":[]} , "y" ]"#, #"{"c":null}"#, "false",
            ]
        )
        #expect(value["b"]?.count == 3)
        #expect(value["b"]?.elements?.map { $0.rawText.description } == ["1", #"{"x":[]}"#, "\"y\""])
        #expect(value["a"]?["c"]?.isNull == true)
        #expect(value["d"]?.boolean == false)
        #expect(value["missing"] == nil)
    }

    @Test func `keys are compared as bytes after decoding`() throws {
        let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2,\"\\u006bey\":3}")
        #expect(value["\u{E9}"]?.integer == 1)
        #expect(value["e\u{301}"]?.integer == 2)
        #expect(value["key"]?.integer == 3)
        // Canonically equivalent to "K", but other bytes.
        #expect(try parse(#"{"\u212A":1}"#)["K"] == nil)
    }

    @Test func `raw text survives as it was written`() throws {
        let text = #"{"claims":{ "a" : 1.50, "b":"\u0041" }}"#
        let raw = try #require(try parse(text)["claims"]?.rawText)
        #expect(raw.description == #"{ "a" : 1.50, "b":"\u0041" }"#)
        #expect(raw.value["b"]?.string == "A")
        #expect(try JSONText(parsing: Array(" 1 ".utf8), maximumDepth: 1).description == "1")
        #expect(throws: JSONSyntaxError.self) { try JSONText(parsing: Array("{".utf8), maximumDepth: 1) }
    }
}
