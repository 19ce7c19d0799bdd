import Foundation
import Testing

extension EndToEnd {
    /// The manual pages, as `scripts/make-manual` writes them of the programs under test.
    @Suite struct Manual {
        static let pages = ["mosaicd.8", "mosaicctl.1", "mosaic-sandbox.1", "mosaicd.conf.5"]

        /// Makes all pages and hands on the directory they are in.
        private static func withPages<R>(_ body: (String, Scratch) async throws -> R) async throws -> R {
            try await Scratch.with { scratch in
                let outcome = try await RunningProcess.run(
                    "\(Binaries.sourceTree)/scripts/make-manual",
                    [Binaries.directory, scratch["man"]],
                    environment: ["SOURCE_DATE_EPOCH": "1700000000"],
                    label: "make-manual",
                    in: scratch
                )
                try #require(outcome.status == 0, "\(outcome.error)")
                return try await body(scratch["man"], scratch)
            }
        }

        /// The page as a reader sees it, on lines so long that nothing is broken.
        private static func text(of page: String) async throws -> RunningProcess.Outcome {
            try await withPages { directory, scratch in
                try await RunningProcess.run(
                    "/usr/bin/man",
                    ["--warnings=w", "--encoding=UTF-8", "--local-file", "\(directory)/\(page)"],
                    environment: ["MANWIDTH": "2000", "LC_ALL": "C.UTF-8"],
                    label: "man",
                    in: scratch
                )
            }
        }

        /// The lines that `program help COMMAND` has below a heading, without their indentation.
        private static func help(
            _ program: String,
            _ command: [String],
            heading: String,
            in scratch: Scratch
        ) async throws -> [Substring] {
            let help = try await RunningProcess.run(program, ["help"] + command, label: "help", in: scratch).output
            let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
            let body = lines.drop { !$0.hasPrefix(heading) }.dropFirst().prefix { !$0.isEmpty }
            return body.filter { $0.prefix { $0 == " " }.count == 2 }.map { $0.drop { $0 == " " } }
        }

        /// All commands of a program, those of groups as well, each with its options.
        private static func commands(_ program: String, in scratch: Scratch) async throws -> [[String]: Set<String>] {
            var result: [[String]: Set<String>] = [:]
            var open: [[String]] = [[]]
            while let command = open.popLast() {
                let names = try await help(program, command, heading: "SUBCOMMANDS:", in: scratch)
                    .compactMap { $0.split(separator: " ").first.map(String.init) }
                open += names.map { command + [$0] }
                let options = try await help(program, command, heading: "OPTIONS:", in: scratch)
                result[command] = Set(options.flatMap { $0.matches(of: /--[a-z-]+/).map { String($0.output) } })
            }
            return result
        }

        @Test(arguments: pages)
        func `a page is well formed, dated and complete`(page: String) async throws {
            let outcome = try await Self.text(of: page)
            #expect(outcome.status == 0)
            #expect(outcome.error == "")
            for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"] {
                #expect(outcome.output.contains("\n\(heading)\n"), "\(heading)")
            }
            #expect(outcome.output.contains("2023-11-14"))
            #expect(!outcome.output.contains(/@[a-z-]+ |@[A-Z]+@/), "a directive was not replaced")
        }

        @Test func `every key of the configuration is explained, with what it takes and what holds without it`()
            async throws
        {
            let text = try await Self.text(of: "mosaicd.conf.5").output
            let example = try String(
                contentsOfFile: "\(Binaries.sourceTree)/systemd/mosaicd.conf",
                encoding: .utf8
            )
            let keys = example.matches(of: /(?m)^#([A-Z]\w+)=/).map(\.output.1)
            try #require(keys.count > 25)
            let lines = text.split(separator: "\n")
            for key in keys {
                let start = try #require(lines.firstIndex { $0.hasPrefix("       \(key)=") }, "\(key)")
                let end = lines[(start + 1)...].firstIndex { $0.contains(/^ {0,7}\S/) } ?? lines.endIndex
                let entry = lines[start..<end].joined(separator: "\n")
                #expect(entry.contains(#/Takes |One of /#), "\(key)")
                #expect(entry.contains(#/Default: |Must be set|Without it: /#), "\(key)")
            }
            for variable in ["MOSAICD_SOCKET", "MOSAICD_CONTROL_SOCKET", "MOSAICD_LOG_LEVEL"] {
                #expect(text.contains("$\(variable)\n"))
            }
        }

        @Test(arguments: [("mosaicctl.1", Binaries.mosaicctl), ("mosaic-sandbox.1", Binaries.mosaicSandbox)])
        func `every command and every option is explained`(page: String, program: String) async throws {
            let text = try await Self.text(of: page).output
            try await Scratch.with { scratch in
                let commands = try await Self.commands(program, in: scratch)
                try #require(commands.count > 10)
                for (command, options) in commands {
                    #expect(
                        text.contains(try Regex("\n *\(command.joined(separator: " "))\\b")),
                        "\(command.joined(separator: " "))"
                    )
                    for option in options { #expect(text.contains(option), "\(command) \(option)") }
                }
            }
        }

        @Test(arguments: [
            ("mosaicctl.1", [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 64, 70]), ("mosaicd.8", [0, 64, 69, 70, 71, 78]),
            ("mosaic-sandbox.1", [0, 1, 64]),
        ])
        func `every exit status is explained`(page: String, statuses: [Int]) async throws {
            let text = try await Self.text(of: page).output
            let section = try #require(text.firstMatch(of: /\nEXIT STATUS\n((?: +[^\n]*\n|\n)+)/)).output.1
            #expect(section.matches(of: /(?m)^ {7}(\d+) +\S/).compactMap { Int($0.output.1) } == statuses)
        }
    }
}
