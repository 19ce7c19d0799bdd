import AgentProtocol
import Testing

@Suite struct LineFramerTests {
    @Test func `a line that comes in many pieces is whole, whatever its buffer has outgrown`() {
        var framer = LineFramer(maximumLineBytes: 1000)
        let line = (0..<1000).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        for byte in line { #expect(framer.events(in: [byte]) == []) }
        #expect(framer.events(in: [10]) == [.line(line)])
        #expect(framer.events(in: Array("x".utf8)) == [] && framer.hasPartialLine)
        framer.abandon()
        #expect(!framer.hasPartialLine && framer.events(in: Array("y\n".utf8)) == [])
    }

    typealias Event = LineFramer.Event

    static func line(_ text: String) -> Event { .line(Array(text.utf8)) }

    /// What comes in, what comes out with a limit of 8 bytes, and what the end of the stream adds.
    static let cases: [(String, [Event], Event?)] = [
        ("", [], nil),
        ("a\n", [line("a")], nil),
        ("a\r\n", [line("a")], nil),
        ("a\nb\n", [line("a"), line("b")], nil),
        ("\n\n\r\n", [], nil),
        ("\na\n\nb\r\n\n", [line("a"), line("b")], nil),
        (" \t\n", [line(" \t")], nil),
        ("a\r\r\n", [line("a\r")], nil),
        ("\r\r\n", [line("\r")], nil),
        ("a\rb\n", [line("a\rb")], nil),
        ("\ra\n", [line("\ra")], nil),
        ("a\u{0B}b\u{0C}\n", [line("a\u{0B}b\u{0C}")], nil),
        ("é\n", [line("é")], nil),
        ("12345678\n", [line("12345678")], nil),
        ("12345678\r\n", [line("12345678")], nil),
        ("1234567\r\r\n", [line("1234567\r")], nil),
        ("123456789\n", [.tooLong], nil),
        ("123456789\r\n", [.tooLong], nil),
        ("12345678\r\r\n", [.tooLong], nil),
        ("123456789", [.tooLong], nil),
        ("12345678\rx", [.tooLong], nil),
        ("a\n123456789\nb\n", [line("a"), .tooLong], nil),
        ("12345678", [], .unterminated),
        ("12345678\r", [], .unterminated),
        ("a\nb", [line("a")], .unterminated),
        ("\r", [], .unterminated),
        ("a\n\n", [line("a")], nil),
    ]

    @Test(arguments: cases)
    func `a stream is cut into lines, whole and byte by byte and split anywhere`(
        input: String,
        events: [Event],
        end: Event?
    ) {
        let bytes = Array(input.utf8)
        func run(_ chunks: [ArraySlice<UInt8>]) {
            var framer = LineFramer(maximumLineBytes: 8)
            let seen = chunks.flatMap { framer.events(in: Array($0)) }
            #expect(seen == events)
            #expect(framer.finish() == end)
            #expect(framer.events(in: Array("late\n".utf8)).isEmpty)
        }
        run([bytes[...]])
        run(bytes.indices.map { bytes[$0...$0] })
        for split in 0...bytes.count { run([bytes[..<split], bytes[split...]]) }
    }

    @Test func `random streams are cut as an independent splitter cuts them`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let alphabet: [UInt8] = [0x0A, 0x0D, 0x61, 0x62, 0x20, 0x0A]
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            var framer = LineFramer(maximumLineBytes: 100)
            var events: [Event] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &generator)
                events += framer.events(in: Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let parts = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let lines = parts.dropLast().map { $0.last == 0x0D ? Array($0.dropLast()) : Array($0) }
            #expect(events == lines.filter { !$0.isEmpty }.map { .line($0) })
            #expect((framer.finish() == .unterminated) == (parts.last?.isEmpty == false))
        }
    }

    @Test func `a line of exactly the default limit passes and one byte more is refused at once`() {
        let limit = 65_536
        #expect(LineFramer().maximumLineBytes == limit)
        let full = [UInt8](repeating: 0x61, count: limit)
        for ending in ["\n", "\r\n"] {
            var framer = LineFramer()
            #expect(framer.events(in: full + Array(ending.utf8)) == [.line(full)])
        }
        var framer = LineFramer()
        #expect(framer.events(in: full).isEmpty)
        #expect(framer.events(in: [0x61]) == [.tooLong])
        #expect(framer.events(in: Array("\n{}\n".utf8)).isEmpty)
        #expect(framer.finish() == nil)
    }

    @Test func `the limit can be a mebibyte`() {
        let full = [UInt8](repeating: 0x61, count: ProtocolLimits.maximumLineBytes)
        var framer = LineFramer(maximumLineBytes: ProtocolLimits.maximumLineBytes)
        #expect(framer.events(in: full + [0x0D, 0x0A]) == [.line(full)])
        #expect(framer.events(in: full + [0x61]) == [.tooLong])
    }

    @Test func `it tells whether a line has begun`() {
        var framer = LineFramer()
        #expect(!framer.hasPartialLine)
        _ = framer.events(in: Array("\n\r\n".utf8))
        #expect(!framer.hasPartialLine)
        _ = framer.events(in: Array("a\nb".utf8))
        #expect(framer.hasPartialLine)
        _ = framer.events(in: Array("\n".utf8))
        #expect(!framer.hasPartialLine)
        _ = framer.events(in: Array("\r".utf8))
        #expect(framer.hasPartialLine)
    }

    @Test func `a caller that stops asking keeps the rest itself`() {
        var framer = LineFramer()
        let bytes = Array("a\nb\nc".utf8)
        var position = 0
        #expect(framer.next(in: bytes.span, at: &position) == Self.line("a"))
        #expect(position == 2)
        #expect(!framer.hasPartialLine)
        #expect(framer.next(in: bytes.span, at: &position) == Self.line("b"))
        #expect(framer.next(in: bytes.span, at: &position) == nil)
        #expect(position == 5)
        #expect(framer.hasPartialLine)
    }
}
