import Foundation
import Testing

extension EndToEnd {
    /// What docs/throttling.md shows of the throttle.
    @Suite struct ReadmeThrottle {
        /// A text without what differs from run to run, and without the widths of columns.
        private static func normal(_ text: some StringProtocol) -> String {
            String(text).replacing(/[0-9a-f]{32}/, with: "HASH").replacing(/in \d+ min( \d+ s)?/, with: "WAIT")
                .replacing(/\d+ \(4\)/, with: "UID (4)").replacing(/\ +/, with: " ")
        }

        @Test func `who is held up is shown, and let in again, as the page says`() async throws {
            let block = try #require(
                try Markdown(page: "docs/throttling.md").blocks.first { $0.text.hasPrefix("$ mosaicctl throttle list") }
            )
            let steps = block.text.split(separator: "$ mosaicctl ").map { step in
                let lines = step.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                return (
                    command: lines[0].split(separator: " ").map(String.init), shown: lines.count > 1 ? lines[1] : ""
                )
            }
            try #require(steps.count == 2)
            try await TestBed.with(agent: .throttled()) { world in
                for _ in 0..<5 { _ = try world.agent.authenticate("alice", Passwords.wrong) }
                #expect(try world.agent.authenticate("alice", Passwords.alice).kindOrVerdict == "throttled")
                for step in steps {
                    try #require(step.command.count == 3)
                    let outcome = try await world.agent.ctl(step.command[0], step.command[1], step.command[2])
                    #expect(outcome.status == 0 && outcome.error.isEmpty)
                    // The page's blocks end without a line feed.
                    let shown = Self.normal(outcome.output).split(separator: "\n")
                    #expect(shown == Self.normal(step.shown).split(separator: "\n"), "\(outcome.output)")
                }
                #expect(try world.agent.authenticate("alice", Passwords.alice).kindOrVerdict == "granted")
            }
        }
    }
}
