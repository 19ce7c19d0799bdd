internal import ArgumentParser
internal import FoundationEssentials

/// Which arguments of a command are paths, by what its help says: the name of their value is `file` or `path`.
struct PathArguments {
    /// Options with a path as value, such as `--config`.
    private var options: Set<String> = []
    /// Options with another value; a name that is in both is taken for one of these.
    private var otherOptions: Set<String> = []
    /// The subcommands whose operand is a path, each with its parents.
    private var operands: [[String]] = []

    /// The paths of a command and its subcommands.
    init(of root: (some ParsableCommand).Type, except textPaths: Set<String>) {
        otherOptions = textPaths
        guard let tool = try? JSONDecoder().decode(Tool.self, from: Data(root._dumpHelp().utf8)) else { return }
        add(tool.command, parents: nil)
    }

    /// Whether an argument is a path: the value of an option for one, or the operand of a command that takes one.
    func isPath(_ index: Int, in arguments: [[UInt8]]) -> Bool {
        if arguments[index].starts(with: "--".utf8), let end = arguments[index].firstIndex(of: UInt8(ascii: "=")) {
            return isPathOption(arguments[index][..<end])
        }
        guard !arguments[index].starts(with: "-".utf8), index > 0 else { return false }
        if isPathOption(arguments[index - 1][...]) { return true }
        guard !arguments[index - 1].starts(with: "-".utf8) else { return false }
        let words = arguments[..<index].map { String(decoding: $0, as: UTF8.self) }
        return operands.contains { commands in
            var rest = words[...]
            return commands.allSatisfy { command in
                guard let place = rest.firstIndex(of: command) else { return false }
                rest = rest[(place + 1)...]
                return true
            }
        }
    }

    private func isPathOption(_ bytes: ArraySlice<UInt8>) -> Bool {
        let name = String(decoding: bytes, as: UTF8.self)
        return options.contains(name) && !otherOptions.contains(name)
    }

    private mutating func add(_ command: Tool.Command, parents: [String]?) {
        // The root is not named on its own command line.
        let path = parents.map { $0 + [command.commandName] } ?? []
        for argument in command.arguments ?? [] {
            let isPath = ["file", "path"].contains(argument.valueName)
            switch argument.kind {
            case "positional":
                if isPath { operands.append(path) }
            case "option":
                let names = (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
                if isPath { options.formUnion(names) } else { otherOptions.formUnion(names) }
            default: break
            }
        }
        for subcommand in command.subcommands ?? [] { add(subcommand, parents: path) }
    }

    /// What is used of the parser's description of a program.
    private struct Tool: Decodable {
        struct Command: Decodable {
            var commandName: String
            var subcommands: [Command]?
            var arguments: [Argument]?
        }
        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var kind: String
            var names: [Name]?
            var valueName: String?
        }
        var command: Command
    }
}
