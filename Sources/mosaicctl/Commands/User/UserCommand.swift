import ArgumentParser

/// `mosaicctl user`
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Create, find and change users, and log them out.",
        subcommands: [
            UserCreateCommand.self, UserGetCommand.self, UserSearchCommand.self, UserUpdateCommand.self,
            UserAuthenticatorsCommand.self, UserLogoutCommand.self,
        ]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        throw ValidationError("a command is missing: create, get, search, update, authenticators or logout")
    }
}
