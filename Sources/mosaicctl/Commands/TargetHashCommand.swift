import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl target-hash`
struct TargetHashCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "target-hash",
        abstract: "Tell how a user is named in the audit trail.",
        discussion: """
            Prints the value of MOSAIC_TARGET in the records of calls about this user, and nothing else, so that it can be \
            handed on: mosaicctl audit --target "$(mosaicctl target-hash alice)"

            It is that of the identifier as the calls had it, byte for byte: a user who logs in by user name and by e-mail \
            address has two. Unless the unit passes the credential audit.key, the hash is good for the records since the \
            service was last stopped.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var user: IdentifierOptions

    func report() async throws -> Report {
        let parameters = DaemonTargetHash.Parameters(user.target.kind, user.target.identifier)
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonTargetHash.self, parameters, metadata: global.metadata)
        }
        return Report(
            text: TerminalText.escaped(result.target) + "\n",
            result: JSONText { result.encode(to: &$0) }
        )
    }
}
