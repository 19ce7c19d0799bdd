import ArgumentParser

/// `mosaicctl password`
struct PasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Check candidates and set passwords.",
        subcommands: [
            PasswordCheckCommand.self, PasswordRegisterCommand.self, PasswordUpdateCommand.self,
            PasswordRegisterOwnCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: check, register, update or register-own") }
}
