import StrictJSON
import Testing

@testable import mosaicctl

@Suite struct TextTests {
    @Test(arguments: [
        ("plain é 😀", "plain é 😀"), ("a\u{1B}[31m", "a\\u{1b}[31m"), ("\r\n\t", "\\u{d}\\u{a}\\u{9}"),
        ("\u{9B}31m\u{7F}", "\\u{9b}31m\\u{7f}"), ("\u{202E}abc\u{2066}", "\\u{202e}abc\\u{2066}"),
        ("\\u{1b}", "\\\\u{1b}"), ("\u{2028}\u{E0041}", "\\u{2028}\\u{e0041}"),
    ])
    func `text is shown without its control characters`(text: String, shown: String) {
        #expect(TerminalText.escaped(text) == shown)
    }

    @Test func `JSON keeps its meaning when it is made safe`() throws {
        let text = "{\n\"a\":\"\u{9B}\u{7F}\u{202E}\u{E0041}x\"}"
        let safe = TerminalText.escaped(json: text)
        #expect(safe == #"{"# + "\n" + #""a":"\u009b\u007f\u202e\udb40\udc41x"}"#)
        let value = try JSONDocument(parsing: Array(safe.utf8), maximumDepth: 2).root
        #expect(value["a"]?.string == "\u{9B}\u{7F}\u{202E}\u{E0041}x")
    }

    @Test(arguments: [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (3659, "1 h"), (3660, "1 h 1 min"), (90_000, "1 d 1 h"),
    ])
    func `times are shown in their two largest units`(seconds: Int, text: String) {
        #expect(HumanUnits.duration(seconds: seconds) == text)
    }

    @Test(arguments: [(0, "0.00 ms"), (4, "0.00 ms"), (5, "0.01 ms"), (1234, "1.23 ms"), (99_999, "100.00 ms")])
    func `microseconds are shown as milliseconds`(microseconds: Int, text: String) {
        #expect(HumanUnits.milliseconds(microseconds: microseconds) == text)
    }

    @Test(arguments: [
        ("1", 1000), ("0.001", 1), ("2.5", 2500), ("600", 600_000), ("0.05", 50), ("0", nil), ("0.0001", nil),
        ("600.001", nil),
        ("", nil), (".5", nil), ("1.", nil), ("1s", nil), ("-1", nil), ("1e2", nil), ("٣", nil),
        ("9999999999999999999", nil),
    ])
    func `a time limit is seconds with at most three decimals`(argument: String, milliseconds: Int?) {
        #expect(TimeLimit(argument: argument)?.milliseconds == milliseconds)
    }

    @Test func `fields stand in columns, in groups`() {
        var list = FieldList()
        list.add("a", "1")
        list.add("longer", "2\u{7}")
        list.add("none", nil)
        list.heading("Group")
        list.add("b", "3")
        #expect(list.text == "a       1\nlonger  2\\u{7}\n\nGroup\nb       3\n")
    }

    @Test func `indented JSON is the same JSON`() throws {
        let text = #"{"a":[1,{"b":null}],"c":{},"d":[],"e":"x\ny"}"#
        let value = try JSONDocument(parsing: Array(text.utf8), maximumDepth: 8).root
        let pretty = PrettyJSON.text(value)
        #expect(
            pretty == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": {},
                  "d": [],
                  "e": "x\\ny"
                }

                """
        )
    }
}
