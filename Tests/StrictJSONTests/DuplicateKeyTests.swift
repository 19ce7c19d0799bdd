import StrictJSON
import TestSupport
import Testing

@Suite struct DuplicateKeyTests {
    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"\u0061":2}"#,
        #"{"":1,"":2}"#, #"{"x":{"a":1,"a":1}}"#, #"[{"a":[],"a":[]}]"#, #"{"é":1,"\u00e9":2}"#,
        #"{"/":1,"\/":2}"#, #"{"😀":1,"\ud83d\ude00":2}"#,
    ])
    func `equal keys after decoding are refused`(text: String) {
        #expect(syntaxError(Array(text.utf8))?.reason == .duplicateKey)
    }

    @Test(arguments: [
        "{\"\u{E9}\":1,\"e\u{301}\":2}", #"{"a":1,"b":{"a":1}}"#, #"{"a":1,"A":2}"#, #"{"a":1,"a ":2}"#,
        #"[{"a":1},{"a":1}]"#, #"{"K":1,"\u212A":2}"#,
    ])
    func `keys that differ in bytes are different`(text: String) {
        #expect(syntaxError(Array(text.utf8)) == nil)
    }

    /// Both ways of looking for duplicates, pairwise and by hash, with the duplicate at every place.
    @Test(arguments: [2, 3, 8, 9, 10, 33, 200])
    func `a duplicate is found wherever it stands`(count: Int) {
        let keys = (0..<count).map { "key\($0)" }
        #expect(syntaxError(object(keys)) == nil)
        for place in stride(from: 0, to: count - 1, by: max(1, count / 7)) {
            var doubled = keys
            doubled[count - 1] = keys[place]
            let error = syntaxError(object(doubled))
            #expect(error?.reason == .duplicateKey)
            var escaped = keys
            escaped[count - 1] = #"\u006b"# + keys[place].dropFirst()
            #expect(syntaxError(object(escaped))?.reason == .duplicateKey)
        }
    }

    @Test(.longTimeLimit)
    func `a megabyte of keys takes time in proportion`() throws {
        // Differs in the last bytes only, so that comparing every pair would be slow as well.
        let small = object((0..<2_000).map { "kkkkkkkkkkkkkkkkkkkkkkkk\($0)" })
        let large = object((0..<32_000).map { "kkkkkkkkkkkkkkkkkkkkkkkk\($0)" })
        let smallTime = try processorTime { _ = try JSONDocument(parsing: small, maximumDepth: 16) }
        let largeTime = try processorTime { _ = try JSONDocument(parsing: large, maximumDepth: 16) }
        // Sixteen times the keys: quadratic work would be 256 times the time. The bound is generous to a machine whose cores are shared.
        #expect(largeTime < smallTime * 100)
        #expect(syntaxError(object((0..<32_000).map { "k\($0)" } + ["k77"]))?.reason == .duplicateKey)
    }

    private func object(_ keys: [String]) -> [UInt8] {
        Array(("{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}").utf8)
    }
}
