import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl password register-own`
struct PasswordRegisterOwnCommand: AgentCommand {
    static let title = "password register-own"
    static let configuration = CommandConfiguration(
        commandName: "register-own",
        abstract: "Give the user of an access token a first password.",
        discussion: "Exits 8 when Mosaic does not accept the token, or the user has a password already."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("Read the user's access token from a file.", valueName: "path"))
    var tokenFile: String

    @Option(help: ArgumentHelp("The login name to set. (default: a verified e-mail address)", valueName: "name"))
    var username: String?

    func report() async throws -> Report {
        var parameters = PasswordRegisterOwn.Parameters(
            accessToken: try SecretReader.file(tokenFile, .token),
            password: try password.newPassword(prompt: "New password: ")
        )
        parameters.username = username.map { Identifier($0) }
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(PasswordRegisterOwn.self, parameters, metadata: call.metadata(global))
        }
        return result.report
    }
}
