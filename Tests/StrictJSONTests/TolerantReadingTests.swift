import StrictJSON
import TestSupport
import Testing

/// Reading of texts of which one part must not spoil the others.
@Suite struct TolerantReadingTests {
    private static func read(_ text: String, depth: Int = 16) throws -> JSONValue {
        try JSONDocument(tolerating: Array(text.utf8), maximumDepth: depth).root
    }

    @Test(arguments: [
        (#"{"a":"x\ud800","b":1}"#, "half a pair"), (#"{"a":"\udc00","b":1}"#, "the other half"),
        (#"{"a":"\ud800\u0041","b":1}"#, "a half and a letter"), ("{\"a\":\"x\u{1}y\",\"b\":1}", "a control character"),
        (#"{"a":["x\ud800"],"b":1}"#, "inside an array"), (#"{"a\ud800":1,"b":1}"#, "in a key"),
        (#"{"a":1,"a":2,"b":1}"#, "a key twice"), (#"{"a":1,"b":1,"\u0061":2,"a":{}}"#, "a key three times"),
        (#"{"a":[[[[1,"]",{"]":"\\"}]]]],"b":1}"#, "too deep"),
    ])
    func `a member that cannot be read is not there, and the others are`(text: String, name: String) throws {
        #expect(throws: JSONSyntaxError.self) { try JSONDocument(parsing: Array(text.utf8), maximumDepth: 4) }
        let root = try Self.read(text, depth: 4)
        #expect(!root.isSound, "\(name)")
        #expect(root["b"]?.integer == 1, "\(name)")
        #expect(root["b"]?.isSound == true)
        let members = try #require(root.members).map { ($0.key, $0.value) }
        #expect(members.contains { !$0.1.isSound }, "\(name)")
        #expect(root["a"]?.isSound != true, "\(name)")
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]]
    )
    func `bytes that are not UTF-8 spoil their string only`(bytes: [UInt8]) throws {
        let text = Array(#"{"a":"x"#.utf8) + bytes + Array(#"","b":"y"}"#.utf8)
        let root = try JSONDocument(tolerating: text, maximumDepth: 16).root
        #expect(root["a"] == nil)
        #expect(root["b"]?.string == "y")
    }

    @Test func `equal keys take time in proportion to their number`() throws {
        func text(_ count: Int) -> [UInt8] {
            Array("{\(Array(repeating: #""k":0"#, count: count).joined(separator: ","))}".utf8)
        }
        let (small, large) = (text(2_000), text(32_000))
        let smallTime = try processorTime { _ = try JSONDocument(tolerating: small, maximumDepth: 16) }
        let largeTime = try processorTime { _ = try JSONDocument(tolerating: large, maximumDepth: 16) }
        // Sixteen times the keys: quadratic work would be 256 times the time. The bound is generous to a machine whose cores are shared.
        #expect(largeTime < smallTime * 100)
    }

    @Test func `many keys are compared as few are`() throws {
        let members = (0..<20).map { #""k\#($0)":\#($0)"# } + [#""k7":"again""#, #""k3":"again""#]
        let root = try Self.read("{\(members.joined(separator: ","))}")
        for index in 0..<20 {
            #expect(root["k\(index)"]?.integer == (index == 7 || index == 3 ? nil : Int64(index)))
        }
    }

    @Test func `depth counts as for strict texts, and what is too deep costs nothing`() throws {
        let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        let root = try Self.read(#"{"a":\#(deep),"b":[[]]}"#, depth: 3)
        #expect(root["a"] == nil || root["a"]?.isSound == false)
        #expect(root["b"]?.isSound == true)
        #expect(try Self.read("[[[1]]]", depth: 3).isSound)
        #expect(try !Self.read("[[[[1]]]]", depth: 3).isSound)
    }

    @Test(arguments: [
        "", "{", #"{"a":1"#, #"{"a":1}x"#, #"{"a" 1}"#, "[1,]", "nul", "01", #"{"a":"\x"}"#, #"{"a":[[[[1}]]]}"#,
        #"{"a":[[[["x]]]]}"#, "[[[[",
    ])
    func `a text that has no certain reading is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try Self.read(text, depth: 3) }
    }

    @Test(arguments: [#"{"a":[1,{"b":"\ud83d\ude00"}],"c":null}"#, "[]", #""x""#, "1e400"])
    func `a sound text is read as a strict one`(text: String) throws {
        let root = try Self.read(text)
        #expect(root.isSound)
        #expect(root.rawText.description == text)
    }

    /// Were each key compared with all its twins, this would take minutes.
    @Test(.longTimeLimit, arguments: [#""a":1"#, #""a\ud800":1"#])
    func `many members with one key cost no more than others`(member: String) throws {
        let text = "{" + Array(repeating: member, count: 60_000).joined(separator: ",") + #","b":2}"#
        let root = try Self.read(text)
        #expect(root["b"]?.integer == 2)
        #expect(root["a"] == nil || root["a"]?.isSound == false)
    }
}
