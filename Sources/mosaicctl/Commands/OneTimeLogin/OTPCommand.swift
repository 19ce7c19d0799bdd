import ArgumentParser

/// `mosaicctl otp`
struct OTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "otp",
        abstract: "Log users in with one-time codes, as an application would.",
        subcommands: [OTPSendCommand.self, OTPVerifyCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: send or verify") }
}

/// `mosaicctl link`
struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Log users in with magic links, as an application would.",
        subcommands: [LinkSendCommand.self, LinkVerifyCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: send or verify") }
}
