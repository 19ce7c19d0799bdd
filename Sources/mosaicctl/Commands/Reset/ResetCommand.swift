import ArgumentParser

/// `mosaicctl reset`
struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Reset a user's password step by step, as an application would.",
        discussion: """
            For example, by a mailed code:

              mosaicctl reset send-email-otp ada@example.com
              mosaicctl reset verify-email-otp ada@example.com --write-token token
              mosaicctl reset complete --token-file token
            """,
        subcommands: [
            ResetSendEmailLinkCommand.self, ResetCreateLinkCommand.self, ResetSendEmailOTPCommand.self,
            ResetVerifyEmailOTPCommand.self, ResetSendSMSOTPCommand.self, ResetVerifySMSOTPCommand.self,
            ResetVerifyPasswordCommand.self, ResetCompleteCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: one of those that 'mosaicctl reset --help' lists")
    }
}
