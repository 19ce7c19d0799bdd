import ArgumentParser
import CommandLineSupport
import Glibc
import Linux

/// `mosaic-sandbox`: a local stand-in for the Mosaic cloud, and the commands that control a running one.
@main
struct MosaicSandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mosaic-sandbox",
        abstract: "A local stand-in for the Transmit Security Mosaic cloud.",
        discussion: """
            'serve' runs it on the loopback interface; the other commands control a running one, found by its state directory. \
            Not to be confused with Mosaic's own sandbox region: nothing here leaves the machine.

            Exit status: 0 done, 1 failed, or the output cannot be written, 64 wrong usage.
            """,
        subcommands: [
            Serve.self, Status.self, Requests.self, Clock.self, RevokeTokens.self, Faults.self, Settings.self,
            Users.self, Preferences.self, Client.self, OutboxCommand.self, Reset.self,
        ]
    )

    static func main() async {
        CommandLineTool.prepare()
        Glibc.exit(await status())
    }

    /// Options with a path that is told again as text, in JSON, so that it has to be UTF-8.
    private static let textPaths: Swift.Set<String> = ["--state", "--database"]

    /// Runs the command line that the process was given.
    private static func status() async -> Int32 {
        do {
            var command = try await asyncParseAsRoot(
                CommandLineTool.arguments(of: Self.self, textPaths: textPaths)
            )
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as ProgramArguments.NotUTF8 {
            StandardOutput.complain("mosaic-sandbox", error.description)
            return 64
        } catch {
            return end(error)
        }
    }

    private static func end(_ error: any Error) -> Int32 {
        // A reader that has had enough is no failure, here as with other programs in a pipe.
        if let error = error as? StandardOutput.Failure, error.isReaderGone { return 0 }
        let ending = CommandLineTool.Exit(error, of: Self.self)
        guard ending.status == 0 else {
            StandardOutput.complain(lines: ending.text)
            return ending.status
        }
        do {
            try StandardOutput.write(ending.text)
            return 0
        } catch {
            return error.isReaderGone ? 0 : end(CommandFailure(error))
        }
    }
}
