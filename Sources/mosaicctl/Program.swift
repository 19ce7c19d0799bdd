import ArgumentParser
import CommandLineSupport
import Linux

/// Runs one command line from its arguments to its exit status.
enum Program {
    /// Runs the command line that the process was given.
    static func run() async -> Int32 {
        do throws(ProgramArguments.NotUTF8) {
            return await run(try CommandLineTool.arguments(of: Mosaicctl.self))
        } catch {
            Console.complain(error.description)
            return ExitStatus.usage.rawValue
        }
    }

    /// Runs the command that the arguments name.
    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try await parse(joiningTimes(arguments))
            if let command = command as? any AgentCommand { return await run(command).rawValue }
            if let command = command as? any StreamingCommand { return await run(command).rawValue }
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

    /// The command that the arguments name, with its arguments.
    ///
    /// A command line that begins with the name of a command is parsed by that command alone: the parser would set up all the
    /// others first, which takes longer than most calls. Help, and what the command does not accept, need all of them.
    static func parse(_ arguments: [String]) async throws -> any ParsableCommand {
        var rest = arguments[...]
        var level = Mosaicctl.subcommands
        while let name = rest.first, let found = level.first(where: { $0.configuration.commandName == name }) {
            rest = rest.dropFirst()
            level = found.configuration.subcommands
            guard level.isEmpty else { continue }
            if let command = try? found.parseAsRoot(Array(rest)), type(of: command) == found { return command }
            break
        }
        return try await Mosaicctl.asyncParseAsRoot(arguments)
    }

    /// Makes one argument of `--since` and a time such as `-1h`, in which the parser would see the options `-1` and `-h`.
    static func joiningTimes(_ arguments: [String]) -> [String] {
        var joined: [String] = []
        for argument in arguments {
            if let last = joined.last, ["--since", "--until"].contains(last), argument.hasPrefix("-") {
                joined[joined.count - 1] = "\(last)=\(argument)"
            } else {
                joined.append(argument)
            }
        }
        return joined
    }

    /// Runs a command and shows what it has found out, or why it has not.
    private static func run(_ command: some AgentCommand) async -> ExitStatus {
        let json = command.global.json
        do {
            let report = try await command.report()
            let text = json ? JSONReport.text(command: type(of: command).title, report) : report.text
            let status = show(text, report.status)
            if let note = report.note, !json { Console.complain(note) }
            return status
        } catch {
            return end(command, error)
        }
    }

    /// Runs a command that shows what it finds itself.
    private static func run(_ command: some StreamingCommand) async -> ExitStatus {
        do {
            return try await command.stream { try Console.write($0) }
        } catch let error as StandardOutput.Failure {
            if error.isReaderGone { return .done }
            Console.complain(error.description)
            return .internal
        } catch {
            return end(command, error)
        }
    }

    /// Tells why a command has failed.
    private static func end(_ command: some CtlCommand, _ error: any Error) -> ExitStatus {
        guard let failure = error as? CommandFailure else {
            Console.complain("internal fault: \(TerminalText.escaped("\(error)"))")
            return .internal
        }
        Console.complain(TerminalText.escaped(failure.message))
        Console.explain(failure.details)
        guard command.global.json else { return failure.status }
        return show(JSONReport.text(command: type(of: command).title, failure), failure.status)
    }

    /// Writes to standard output; a failure to do so is the failure of the command.
    private static func show(_ text: String, _ status: ExitStatus) -> ExitStatus {
        do throws(StandardOutput.Failure) {
            try Console.write(text)
            return status
        } catch {
            // A reader that has had enough is no failure, here as with other programs in a pipe.
            guard !error.isReaderGone else { return status }
            Console.complain(error.description)
            // What became of the call matters more than that its answer could not be shown.
            return status == .done ? .internal : status
        }
    }

    /// Help and version, which go to standard output, and errors in the arguments.
    private static func show(_ error: any Error) -> Int32 {
        let ending = CommandLineTool.Exit(error, of: Mosaicctl.self)
        guard ending.status == 0 else {
            Console.explain(ending.text)
            return ending.status
        }
        return show(ending.text, .done).rawValue
    }
}
