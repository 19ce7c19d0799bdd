import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl user create`
struct UserCreateCommand: AgentCommand {
    static let title = "user create"
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a user of the application.",
        discussion: """
            At least one of --email, --phone-number, --username and --external-user-id is needed. With --temporary or \
            --permanent the user gets a first password, which is asked for on the terminal without echo unless \
            --password-stdin or --password-file is given.

            A user that the tenant knows from another application is attached to this one and keeps what it has. The \
            password is then not set, which is said; 'mosaicctl password register' sets it.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions
    @OptionGroup var profile: ProfileOptions
    @OptionGroup var password: PasswordOptions

    @Flag var lifetime: PasswordLifetime?

    func validate() throws {
        if password.isGiven, lifetime == nil {
            throw ValidationError(
                "say --temporary or --permanent: whether the password must be replaced at first login"
            )
        }
    }

    func report() async throws -> Report {
        var parameters = UserCreate.Parameters(profile: try profile.profile())
        if let lifetime {
            parameters.credentials = UserCreate.Credentials(
                password: try password.newPassword(prompt: "Password for the new user: "),
                forceReplace: lifetime == .temporary
            )
        }
        let asked = lifetime != nil
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(UserCreate.self, parameters, metadata: call.metadata(global))
        }
        var list = UserText.lines(result.user)
        if asked, !result.credentialsSet {
            list.add(
                "attention",
                "the password was not set: the user existed before; see 'mosaicctl password register'"
            )
        }
        return Report(text: list.text, result: JSONText { result.encode(to: &$0) })
    }
}
