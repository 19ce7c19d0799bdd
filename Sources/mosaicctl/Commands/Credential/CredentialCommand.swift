import ArgumentParser

/// `mosaicctl credential`
struct CredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Look after what the agent's clients prove themselves with.",
        subcommands: [CredentialRotateCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: rotate") }
}
