import Secrets
import StrictJSON
import Testing

@Suite struct JSONWriterTests {
    @Test func `commas and colons stand where they should`() {
        let text = JSONText { writer in
            writer.beginObject()
            writer.key("a")
            writer.integer(1)
            writer.key("b")
            writer.beginArray()
            writer.boolean(true)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.number(1.5)
            writer.endArray()
            writer.key("c")
            writer.secret(Secret(copying: "s".utf8))
            writer.endObject()
        }
        #expect(text.description == #"{"a":1,"b":[true,null,{},[],1.5],"c":"s"}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("a", #""a""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#),
        ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#),
        ("\u{0}\u{1F}", #""\u0000\u001f""#), ("\u{7F}", "\"\u{7F}\""), ("é€😀", #""é€😀""#), ("\u{2028}", "\"\u{2028}\""),
    ])
    func `strings are escaped where they must be and nowhere else`(value: String, written: String) {
        for text in [
            JSONText { $0.string(value) }, JSONText { $0.string(utf8: Array(value.utf8)) },
            JSONText { $0.secret(Secret(copying: value.utf8)) },
        ] {
            #expect(text.description == written)
        }
    }

    @Test func `every ASCII character comes back through the scanner`() throws {
        for byte in UInt8(0)..<0x80 {
            let text = JSONText { $0.string(utf8: [byte]) }
            #expect(try JSONDocument(parsing: text.bytes, maximumDepth: 1).root.utf8 == [byte])
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `integers come back exactly`(value: Int64) throws {
        let text = JSONText { $0.integer(value) }
        #expect(try JSONDocument(parsing: text.bytes, maximumDepth: 1).root.integer == value)
    }

    @Test func `raw text keeps to one line`() throws {
        let raw = try JSONText(parsing: Array("{\r\n \"a\" : 1\n}".utf8), maximumDepth: 4)
        #expect(JSONText { $0.raw(raw) }.description == "{   \"a\" : 1 }")
    }

    @Test func `lines follow one another`() {
        var writer = JSONWriter()
        for value in 1...2 {
            writer.integer(value)
            writer.endLine()
        }
        #expect(writer.bytes == Array("1\n2\n".utf8))
    }

    @Test func `a secret that is not UTF-8 can be told before it is written`() {
        #expect(Secret(copying: "é".utf8).isUTF8)
        #expect(Secret(copying: []).isUTF8)
        #expect(!Secret(copying: [0xC3]).isUTF8)
        #expect(!Secret(copying: [0xED, 0xA0, 0x80]).isUTF8)
    }

    @Test func `numbers that JSON cannot say are a bug`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.number(.infinity)
        }
    }
}
