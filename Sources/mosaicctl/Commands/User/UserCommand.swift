import ArgumentParser

/// `mosaicctl user`
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Create, find and change users.",
        subcommands: [
            UserCreateCommand.self, UserGetCommand.self, UserSearchCommand.self, UserUpdateCommand.self,
            UserAuthenticatorsCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: create, get, search, update or authenticators")
    }
}
