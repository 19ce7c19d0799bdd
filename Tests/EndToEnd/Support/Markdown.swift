import Foundation

/// A page of the documentation, for tests that execute what it shows.
struct Markdown {
    /// README.md and the pages in `docs/`, sorted by name.
    static func guide() throws -> [Markdown] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Binaries.sourceTree)/docs")
            .filter { $0.hasSuffix(".md") }
        return try (["README.md"] + names.sorted().map { "docs/\($0)" }).map { try Markdown(page: $0) }
    }

    /// A fenced block: the word behind its opening fence, and its text.
    struct Block: Equatable {
        let language: String
        let text: String
    }

    /// Its path in the source tree.
    let page: String
    let text: String

    init(page: String) throws {
        self.page = page
        text = try String(contentsOfFile: "\(Binaries.sourceTree)/\(page)", encoding: .utf8)
    }

    /// All fenced blocks, in order.
    var blocks: [Block] {
        var blocks: [Block] = []
        var open: (language: String, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let (language, lines) = open {
                    blocks.append(Block(language: language, text: lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }
}

extension [Markdown] {
    /// The texts of all blocks of a language, page by page.
    func blocks(in language: String) -> [String] {
        flatMap(\.blocks).filter { $0.language == language }.map(\.text)
    }
}
