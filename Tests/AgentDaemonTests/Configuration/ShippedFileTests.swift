import Foundation
import Testing

@testable import AgentDaemon

/// The configuration that the package installs, systemd/mosaicd.conf, which is all comments and one empty section.
@Suite struct ShippedFileTests {
    /// The lines `#Key=value`, by key.
    private static func examples() throws -> [String: [String]] {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        let text = try String(decoding: Data(contentsOf: url.appending(path: "systemd/mosaicd.conf")), as: UTF8.self)
        var examples: [String: [String]] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("#") && !line.hasPrefix("# ") {
            let parts = line.dropFirst().split(separator: "=", maxSplits: 1)
            if parts.count == 2 { examples[String(parts[0]), default: []].append(String(parts[1])) }
        }
        return examples
    }

    @Test func `it shows every key, and no other`() throws {
        let keys = SectionKind.allCases.flatMap(\.keys).map(\.name)
        #expect(try Self.examples().keys.sorted() == keys.sorted())
    }

    @Test(arguments: SectionKind.allCases)
    func `its examples are valid`(_ section: SectionKind) throws {
        let examples = try Self.examples()
        for key in section.keys {
            let values = try #require(examples[key.name], "\(key.name)")
            #expect(values.count == 1, "\(key.name)")
            for value in values {
                #expect(throws: Never.self, "\(key.name)") { try key.check(value) }
            }
        }
    }

    @Test func `what it shows of the agent as a whole is the default`() throws {
        let examples = try Self.examples()
        for key in DaemonKeys.all where key.hasDefaultValue {
            #expect(examples[key.name]?.first == key.fallback)
        }
    }
}
