import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl user get`
struct UserGetCommand: AgentCommand {
    static let title = "user get"
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show one user.",
        discussion: "Exits 8 when there is no such user."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The identifier.")
    var identifier: String

    @Option(
        help: ArgumentHelp(
            """
            What sort of identifier it is: user_id, username, email, phone_number, external_user_id, or Mosaic's name \
            of another one, such as idpIdentifier.
            """,
            valueName: "kind"
        )
    )
    var type = IdentifierKind.userID.name

    func report() async throws -> Report {
        let parameters = UserGet.Parameters(IdentifierKind(type), Identifier(identifier))
        let result = try await withAgent(.main) { agent in
            try await agent.call(UserGet.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            text: UserText.lines(result.user).text,
            result: JSONText { result.encode(to: &$0) },
            remark: Report.remark(omitted: result.omitted)
        )
    }
}
