import ConfigurationFiles
import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct `Random bytes as configuration` {
    /// Pieces that lead a random file deep into the reader.
    private static let pieces = [
        "[Daemon]\n", "[Client default]\n", "[Access a]\n", "[", "]", "=", "\\\n", "\\ \n", "\n", "\r\n", "# ", ";",
        " ", "\t", "\"",
        "'", "\\x", "\u{0}", "ä", "Allow=", "Match=uid:", "Users=email:*", "LineTimeout=1", "Socket=/",
        "BaseURL=https://", "ms",
        "Proxy=http://[", "login", "*", ",", ":", "9", "99999999999999999999", ".", "Region=eu\n", "ClientID=x\n",
    ]

    @Test(arguments: 0..<8)
    func `never crash the reader, and give problems in order`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                if Int.random(in: 0..<10, using: &random) == 0 {
                    bytes.append(.random(in: 0...255, using: &random))
                } else {
                    bytes += Array((Self.pieces.randomElement(using: &random) ?? "").utf8)
                }
            }
            let (file, problems) = SectionFileReader.read(bytes, path: "random.conf")
            var builder = ConfigurationBuilder(catalogue: .sample, names: SampleNames())
            let result = builder.build([file])
            let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
            for problem in problems + result.problems {
                #expect((1...lines).contains(problem.line ?? 1))
                #expect(problem.description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
                #expect(problem.severity == .warning || problem.allowed?.isEmpty == false)
            }
        }
    }

    @Test(
        .longTimeLimit,
        arguments: ["\\\n", "[A]\n", "[", "=\n", "A=\n", "A=b\n", "\"", " \n", "#\n", "[Access a]\nAllow=x\n"]
    )
    func `that repeat a piece take a time in proportion`(_ piece: String) {
        // What grows with the square of the length would run into the time limit.
        let count = SectionFileReader.maximumSize / 8 / piece.utf8.count
        let bytes = Array(repeating: Array(piece.utf8), count: count).flatMap { $0 }
        let (file, _) = SectionFileReader.read(bytes, path: "large.conf")
        #expect(file.path == "large.conf")
    }

    @Test func `over the greatest size are not looked at`() {
        let size = SectionFileReader.maximumSize
        #expect(SectionFileReader.read([UInt8](repeating: 0x20, count: size), path: "large.conf").problems.isEmpty)
        let (file, problems) = SectionFileReader.read(
            [UInt8](repeating: 0, count: size + 1),
            path: "larger.conf"
        )
        #expect(file.sections.isEmpty)
        #expect(problems.map(\.allowed) == ["at most 1048576 bytes"])
    }
}
