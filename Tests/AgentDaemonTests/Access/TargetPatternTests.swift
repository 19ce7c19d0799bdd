import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct `Patterns of users` {
    @Test(arguments: [
        ("alice", "alice", true), ("alice", "Alice", false), ("alice", "alice ", false), ("*", "", true),
        ("*", "abc", true),
        ("a*", "a", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("*a*b*", "xxaxxbxx", true),
        ("**", "x", true),
        ("*@example.com", "bob@example.com", true), ("*@example.com", "bob@EXAMPLE.com", false),
        ("*@example.com", "bob@other.com,x@example.com", false), ("*@example.com", "bob@example.com.evil.net", false),
        ("*@example.com", "a b@example.com", false), ("*@example.com", "a\n@example.com", false),
        ("*", "a@b", false), ("*", "a b", false), ("*", "a\u{7F}", false), ("*@*", "a@b", true),
        ("*@*", "a@b@c", false),
        ("+1*", "+15550100", true), ("ä", "a\u{308}", false), ("*a", "ba@a", false), ("@@*z", "@@@z", false),
    ])
    func `match byte by byte, and a star no at sign, blank or control character`(
        _ glob: String,
        _ value: String,
        _ matches: Bool
    ) {
        let target = Target(kind: .username, identifier: Identifier(value))
        #expect(TargetPattern(kind: .username, glob: glob).matches(target) == matches)
        #expect(!TargetPattern(kind: .email, glob: glob).matches(target))
        #expect(TargetPattern(kind: .username).matches(target))
    }

    @Test func `match what a simple recursive matcher matches`() {
        var random = SeededGenerator(seed: 42)
        let alphabet = Array("ab@* ".utf8)
        for _ in 0..<20_000 {
            let glob = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                alphabet[.random(in: 0...3, using: &random)]
            }
            let value = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                alphabet.filter { $0 != UInt8(ascii: "*") }.randomElement(using: &random) ?? 0
            }
            let pattern = TargetPattern(kind: .email, glob: String(decoding: glob, as: UTF8.self))
            let target = Target(kind: .email, identifier: Identifier(bytes: value))
            #expect(pattern.matches(target) == naiveMatch(glob[...], value[...]))
        }
    }

    @Test(.longTimeLimit) func `take no exponential time`() {
        let glob = String(repeating: "*a", count: 128)
        let value = Identifier(bytes: [UInt8](repeating: UInt8(ascii: "a"), count: 1_023) + [UInt8(ascii: "b")])
        #expect(!TargetPattern(kind: .email, glob: glob).matches(Target(kind: .email, identifier: value)))
    }
}

/// The definition itself, written without care for time.
func naiveMatch(_ glob: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
    guard let first = glob.first else { return value.isEmpty }
    if first == UInt8(ascii: "*") {
        if naiveMatch(glob.dropFirst(), value) { return true }
        guard let byte = value.first, byte != UInt8(ascii: "@"), byte > 0x20, byte != 0x7F else { return false }
        return naiveMatch(glob, value.dropFirst())
    }
    return value.first == first && naiveMatch(glob.dropFirst(), value.dropFirst())
}
