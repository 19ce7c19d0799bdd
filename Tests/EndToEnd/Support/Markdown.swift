import Foundation

/// A page of the documentation, for tests that execute what it shows.
struct Markdown {
    /// A fenced block: the word behind its opening fence, and its text.
    struct Block: Equatable {
        let language: String
        let text: String
    }

    let text: String

    init(page: String) throws {
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
