import ArgumentParser
import CommandLineSupport
import Testing

@testable import mosaicctl

/// A command that is parsed alone is the one that the whole command line would have been parsed to.
@Suite struct ParsingTests {
    @Test(arguments: [
        ["ping"], ["ping", "--json", "--timeout", "2.5"], ["status", "--socket", "/a"], ["token", "verify", "--stdin"],
        ["user", "get", "u-1"], ["call", "help"], ["--json", "ping"], ["help", "ping"], ["help"],
        ["ping", "--help"], ["ping", "--version"], ["--version"], ["ping", "--json", "extra"], ["token"],
        ["token", "help", "verify"], ["ping", "--generate-completion-script", "bash"],
        ["ping", "--timeout", "x"], ["user", "get"], ["user", "nothing"], ["nothing"], [], ["ping", "--", "--json"],
    ])
    func `a command alone is parsed as all commands are`(arguments: [String]) async {
        let alone = await Self.outcome { try await Program.parse(arguments) }
        let whole = await Self.outcome { try await Mosaicctl.asyncParseAsRoot(arguments) }
        #expect(alone == whole)
    }

    /// The command and its values, or how the program ends.
    private static func outcome(_ parse: () async throws -> any ParsableCommand) async -> String {
        do {
            return "\(try await parse())"
        } catch {
            let ending = CommandLineTool.Exit(error, of: Mosaicctl.self)
            return "\(ending.status): \(ending.text)"
        }
    }
}
