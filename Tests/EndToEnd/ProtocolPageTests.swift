import Foundation
import Testing

extension EndToEnd {
    @Suite struct ProtocolPage {
        /// The sockets that transcripts are replayed at, by the language of their blocks.
        private static let sockets: [String: @Sendable (AgentFixture) -> String] = [
            "transcript": { $0.socket }, "control-transcript": { $0.controlSocket },
        ]

        @Test func `the transcript of protocol.md is what the agent says`() async throws {
            let page = try Markdown(page: "protocol.md")
            let transcripts = page.blocks.filter { Self.sockets.keys.contains($0.language) }
            try #require(Set(transcripts.map(\.language)) == Set(Self.sockets.keys))
            let users = """
                [{"username": "alice", "email": "alice@example.com", "email_verified": true,
                  "credentials": {"password": "\(Passwords.alice)", "force_replace": false}},
                 {"username": "bob", "credentials": {"password": "\(Passwords.temporary)"}}]
                """
            let access = """
                [Access page]
                Match=uid:\(getuid())
                Clients=default
                Allow=* users credentials session-admin preferences client-token reset-direct link-direct
                """
            let options = AgentOptions(hasDefaultBudgets: true, access: access)
            try await TestBed.with(users: users, agent: options) { world in
                for transcript in transcripts {
                    let socket = try #require(Self.sockets[transcript.language])
                    try await Self.replay(transcript.text, at: socket(world.agent), in: world)
                }
            }
        }

        @Test func `every method of the main socket has a worked example with a result`() throws {
            let page = try Markdown(page: "protocol.md")
            let reference = try Markdown(page: "docs/methods.md").text.split(separator: "\n## ")
                .first { $0.hasPrefix("Methods of the main socket\n") }
            let methods = try #require(reference).split(separator: "\n").filter { $0.hasPrefix("### `") }
                .map { String($0.dropFirst(5).dropLast()) }
            try #require(methods.contains("password.authenticate") && methods.count > 30, "\(methods)")
            var shown: Set<String> = []
            for transcript in page.blocks where transcript.language == "transcript" {
                var calls: [String: String] = [:]
                for line in transcript.text.split(separator: "\n") {
                    // Some lines are wrong on purpose.
                    guard let message = try? JSONTree(line.dropFirst(2)), let id = message["id"] else { continue }
                    if let method = message["method"]?.string {
                        calls["\(id)"] = method
                    } else if message["result"] != nil, let method = calls["\(id)"] {
                        shown.insert(method)
                    }
                }
            }
            #expect(methods.filter { !shown.contains($0) }.isEmpty)
        }

        @Test func `every method that looks into the agent has a worked example`() throws {
            let page = try Markdown(page: "protocol.md")
            let shown = page.blocks.filter { $0.language == "control-transcript" }.map(\.text).joined(separator: "\n")
            for method in [
                "daemon.target_hash", "daemon.log_level", "daemon.connections", "daemon.metrics", "daemon.watch",
                "throttle.list", "throttle.clear",
            ] {
                #expect(shown.contains(#""method":"\#(method)""#), "\(method)")
            }
        }

        @Test func `the reference in docs is the one the method table gives`() async throws {
            let page = try Markdown(page: "docs/methods.md").text
            try await Scratch.with { scratch in
                let reference = try await RunningProcess.run(
                    Binaries.mosaicctl,
                    ["discover", "--markdown"],
                    label: "markdown",
                    in: scratch
                )
                #expect(reference.status == 0, "\(reference.error)")
                #expect(reference.output.count > 1000)
                #expect(page.hasSuffix(reference.output), "docs/methods.md is stale: run `make docs`")
            }
        }

        /// Sends each line marked `→` and compares the answer with the line marked `←` behind it.
        private static func replay(_ transcript: String, at socket: String, in world: TestBed) async throws {
            let connection = try LineSocket(socket)
            var answers = 0
            var memory = TranscriptMemory()
            var lines = transcript.split(separator: "\n")[...]
            while let line = lines.first {
                let expected = try lines.prefix { $0.hasPrefix("← ") }.map { try JSONTree($0.dropFirst(2)) }
                if line.hasPrefix("→ ") {
                    try connection.sendLine(try await memory.completing(line.dropFirst(2), in: world))
                } else if expected.isEmpty {
                    Issue.record("a line of the transcript has no arrow: \(line)")
                } else {
                    try read(expected, from: connection, &memory)
                    answers += expected.count
                }
                lines = lines.dropFirst(max(1, expected.count))
            }
            #expect(answers > 0)
        }

        /// Reads as many lines as are documented; what comes between two requests may come in any order.
        private static func read(
            _ documented: [JSONTree],
            from connection: LineSocket,
            _ memory: inout TranscriptMemory
        ) throws {
            var rest = documented
            for _ in documented {
                let actual = try connection.readAnswer()
                memory.learn(from: actual)
                let place = rest.firstIndex { matches(actual, $0) }
                #expect(place != nil, "documented: \(rest)\nanswered: \(actual)")
                if let place { rest.remove(at: place) }
            }
        }

        /// Whether two texts are alike but for the strings that the page leaves open.
        private static func matches(_ actual: JSONTree, _ documented: JSONTree) -> Bool {
            switch (actual, documented) {
            case (.string(let value), .string("…")): !value.isEmpty
            // A member called "…" stands for further ones.
            case (.object(let left), .object(let right)):
                (right["…"] != nil || left.keys == right.keys)
                    && right.allSatisfy { key, value in
                        key == "…" || left[key].map { matches($0, value) } ?? false
                    }
            // An element "…" behind others stands for further ones.
            case (.array(let left), .array(let right)) where right.count > 1 && right.last == .string("…"):
                left.count >= right.count - 1 && zip(left, right.dropLast()).allSatisfy { matches($0, $1) }
            case (.array(let left), .array(let right)):
                left.count == right.count && zip(left, right).allSatisfy { matches($0, $1) }
            default: actual == documented
            }
        }
    }
}
