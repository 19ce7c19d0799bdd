import ArgumentParser
import Glibc

/// Runs one command line from its arguments to its exit status.
enum Program {
    /// Runs the command that the arguments name.
    static func run(_ arguments: [String]) async -> Int32 {
        // A reader that goes away is an error of write(2), which is reported, and not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try await Mosaicctl.asyncParseAsRoot(arguments)
            if let command = command as? any AgentCommand { return await run(command).rawValue }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch {
            return show(error)
        }
    }

    /// Runs a command and shows what it has found out, or why it has not.
    private static func run(_ command: some AgentCommand) async -> ExitStatus {
        let title = type(of: command).title
        let json = command.global.json
        do {
            let report = try await command.report()
            let status = show(json ? JSONReport.text(command: title, report) : report.text, report.status)
            if let note = report.note, !json { Console.complain(note) }
            return status
        } catch let failure as CommandFailure {
            Console.complain(TerminalText.escaped(failure.message))
            Console.explain(failure.details)
            return json ? show(JSONReport.text(command: title, failure), failure.status) : failure.status
        } catch {
            Console.complain("internal fault: \(TerminalText.escaped("\(error)"))")
            return .internal
        }
    }

    /// Writes to standard output; a failure to do so is the failure of the command.
    private static func show(_ text: String, _ status: ExitStatus) -> ExitStatus {
        do {
            try Console.write(text)
            return status
        } catch {
            Console.complain("cannot write to standard output: \(error)")
            // What became of the call matters more than that its answer could not be shown.
            return status == .done ? .internal : status
        }
    }

    /// Help and version, which go to standard output, and errors in the arguments.
    private static func show(_ error: any Error) -> Int32 {
        let status = Mosaicctl.exitCode(for: error).rawValue
        let text = Mosaicctl.fullMessage(for: error)
        let lines = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
        guard status == 0 else {
            Console.explain(lines)
            return status
        }
        return show(lines, .done).rawValue
    }
}
