import StrictJSON
import Testing

/// A table in the spirit of the public JSON suites: what must be accepted and what must be refused.
@Suite struct JSONSyntaxTests {
    @Test(arguments: [
        "{}", "[]", "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "-1.5", "0.1", "1e5", "1E5", "1e+5",
        "1e-5", "1.25e10", "1e400", "-1e-400", "123456789012345678901234567890", "\"\"", "\"a\"", "\"\u{7F}\"",
        "\"é\"", "\"€\"", "\"😀\"", "\"\u{FFFF}\"", "\"\u{10FFFF}\"", "\"\u{FEFF}\"", #""\"\\\/\b\f\n\r\t""#,
        #""\u0041""#, #""\u00e9""#, #""\u20AC""#, #""\uD83D\uDE00""#, #""\ud83d\ude00""#, #""\u0000""#, #""\uFFFF""#,
        "[1,2,3]", "[[],[[]]]", #"{"a":1}"#, #"{"a":{"b":[]}}"#, #"{"":0}"#, #"{"a":1,"A":2}"#, #"{"a":[1,{"a":1}]}"#,
        " \t\r\n{ \"a\" : [ 1 , 2 ] } \t\r\n", "[true,false,null]",
        #"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}"#,
    ])
    func `valid texts are accepted`(text: String) throws {
        let root = try JSONDocument(parsing: Array(text.utf8), maximumDepth: 16).root
        #expect(root.rawText.description == text.trimmingJSONWhiteSpace)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), ("   ", .unexpectedEnd, 3), ("{", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1),
            ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), (#"{"a""#, .unexpectedEnd, 4),
            (#"{"a":"#, .unexpectedEnd, 5), (#"{"a":1"#, .unexpectedEnd, 6), (#"{"a":1,"#, .unexpectedEnd, 7),
            ("\"abc", .unexpectedEnd, 4), ("\"abc\\", .unexpectedEnd, 5), ("tru", .unexpectedEnd, 3),
            (#""\u12"#, .unexpectedEnd, 5),
            ("]", .unexpectedByte, 0), ("}", .unexpectedByte, 0), (",", .unexpectedByte, 0), (":", .unexpectedByte, 0),
            ("[1}", .unexpectedByte, 2), ("{]", .unexpectedByte, 1), ("[,1]", .unexpectedByte, 1),
            ("[1,]", .unexpectedByte, 3),
            ("[1 2]", .unexpectedByte, 3), ("[,]", .unexpectedByte, 1), ("{,}", .unexpectedByte, 1),
            (#"{"a":1,}"#, .unexpectedByte, 7), (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a"}"#, .unexpectedByte, 4),
            (#"{"a"::1}"#, .unexpectedByte, 5), ("{a:1}", .unexpectedByte, 1), ("{1:1}", .unexpectedByte, 1),
            ("{'a':1}", .unexpectedByte, 1), ("'a'", .unexpectedByte, 0), ("tRue", .unexpectedByte, 1),
            ("True", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0), ("nan", .unexpectedByte, 1),
            ("Infinity", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 1), ("undefined", .unexpectedByte, 0),
            ("/* */ 1", .unexpectedByte, 0), ("// x\n1", .unexpectedByte, 0), ("+1", .unexpectedByte, 0),
            (".5", .unexpectedByte, 0), ("-", .invalidNumber, 1), ("-a", .invalidNumber, 1), ("01", .invalidNumber, 2),
            ("-01", .invalidNumber, 3), ("00", .invalidNumber, 2), ("1.", .invalidNumber, 2),
            ("1.e5", .invalidNumber, 2),
            ("1e", .invalidNumber, 2), ("1e+", .invalidNumber, 3), ("1ea", .invalidNumber, 2),
            ("0x10", .trailingContent, 1),
            ("1_000", .trailingContent, 1), ("-.5", .invalidNumber, 1), ("1 2", .trailingContent, 2),
            ("{}{}", .trailingContent, 2), ("[]]", .trailingContent, 2), ("nulll", .trailingContent, 4),
            ("\u{FEFF}{}", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0), ("1\u{0B}", .trailingContent, 1),
            ("1\u{0C}", .trailingContent, 1), ("\u{0}", .unexpectedByte, 0), ("1\u{0}", .trailingContent, 1),
            ("\"a\u{0}b\"", .controlCharacter, 2), ("\"a\nb\"", .controlCharacter, 2),
            ("\"a\tb\"", .controlCharacter, 2),
            ("\"\u{1F}\"", .controlCharacter, 1), (#""\a""#, .invalidEscape, 1), (#""\'""#, .invalidEscape, 1),
            (#""\x41""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 1), (#""\U0041""#, .invalidEscape, 1),
            (#""\u{41}""#, .invalidEscape, 1), ("\"\\\u{0}\"", .invalidEscape, 1), (#""\uD800""#, .loneSurrogate, 1),
            (#""\uDC00""#, .loneSurrogate, 1), (#""\uD800\u0041""#, .loneSurrogate, 1),
            (#""\uD800\uD800""#, .loneSurrogate, 1), (#""\uDE00\uD83D""#, .loneSurrogate, 1),
            (#""\uD800x""#, .loneSurrogate, 1), (#""\uD800\n""#, .loneSurrogate, 1),
        ] as [(String, JSONSyntaxError.Reason, Int)]
    )
    func `invalid texts are refused with the reason and the place`(
        text: String,
        reason: JSONSyntaxError.Reason,
        offset: Int
    ) throws {
        let error = try #require(syntaxError(Array(text.utf8)))
        #expect(error.reason == reason)
        #expect(error.offset == offset)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFE], [0xFF], [0xF0, 0x9F, 0x98], [0xC3, 0xC3],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused inside strings and outside`(bytes: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        #expect(syntaxError([quote] + bytes + [quote])?.reason == .invalidUTF8)
        #expect(syntaxError([quote] + bytes)?.reason != nil)
        #expect(syntaxError(bytes)?.reason == .unexpectedByte)
        // An independent judge of what UTF-8 is.
        #expect(String(validating: bytes, as: UTF8.self) == nil)
    }

    @Test func `every pair of bytes in a string is judged as the standard library judges it`() {
        for first in UInt8(0x20)...0xFF where first != UInt8(ascii: "\"") && first != UInt8(ascii: "\\") {
            for second in UInt8(0x20)...0xFF where second != UInt8(ascii: "\"") && second != UInt8(ascii: "\\") {
                let isValid = String(validating: [first, second], as: UTF8.self) != nil
                let error = syntaxError([UInt8(ascii: "\""), first, second, UInt8(ascii: "\"")])
                #expect((error == nil) == isValid)
            }
        }
    }

    @Test func `nesting is allowed to the limit and not beyond`() {
        for depth in 1...20 {
            let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
            for text in [arrays, objects] {
                let error = syntaxError(Array(text.utf8))
                #expect((error == nil) == (depth <= 16))
                if let error { #expect(error.reason == .tooDeep) }
            }
        }
    }

    @Test func `closing a container makes room for another`() {
        let text = "[" + String(repeating: "[[]],", count: 100) + "[]]"
        #expect(syntaxError(Array(text.utf8), depth: 3) == nil)
    }

    @Test func `an error never shows the text`() throws {
        let error = try #require(syntaxError(Array(#"{"password":"canary","password":"x"}"#.utf8)))
        #expect(!error.description.contains("canary"))
        #expect(error.description == "an object has two members with the same key at byte 21")
    }

    @Test func `every prefix of a valid text that is not a number is refused`() {
        let text = Array(#" {"a":[1,"x\u00e9\n",{"b":null}],"c":true} "#.utf8)
        for length in 0..<text.count - 1 {
            #expect(syntaxError(Array(text[..<length])) != nil)
        }
        #expect(syntaxError(text) == nil)
    }
}

func syntaxError(_ bytes: [UInt8], depth: Int = 16) -> JSONSyntaxError? {
    do throws(JSONSyntaxError) {
        _ = try JSONDocument(parsing: bytes, maximumDepth: depth)
        return nil
    } catch {
        return error
    }
}

extension String {
    fileprivate var trimmingJSONWhiteSpace: String {
        let white: Set<Unicode.Scalar> = [" ", "\t", "\r", "\n"]
        var scalars = Array(unicodeScalars)
        while let last = scalars.last, white.contains(last) { scalars.removeLast() }
        let start = scalars.firstIndex { !white.contains($0) } ?? scalars.endIndex
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars[start...])
        return result
    }
}
