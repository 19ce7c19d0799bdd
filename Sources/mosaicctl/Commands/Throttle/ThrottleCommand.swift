import ArgumentParser

/// `mosaicctl throttle`
struct ThrottleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throttle",
        abstract: "Look at what holds back guesses and floods of messages, and let a user through again.",
        subcommands: [ThrottleListCommand.self, ThrottleClearCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: list, clear") }
}
