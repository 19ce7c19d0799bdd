import ArgumentParser

/// `mosaicctl policy`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Ask what the access rules allow.",
        subcommands: [PolicyExplainCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: explain") }
}
