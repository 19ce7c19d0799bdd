import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl reload`
struct ReloadCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make the agent read its configuration again, and wait until it has.",
        discussion: """
            A configuration that is wrong in any point is refused whole, and the agent goes on with the old one; then the \
            exit status is 8. systemctl reload mosaicd runs this command and fails with it.

            Read again are the configuration, the access rules, and all files that it names: secrets, keys, certificates. \
            A service credential (LoadCredential=) is handed over only when the service starts; the answer names the \
            clients that have one. So it does with settings that need a restart.
            """
    )

    @OptionGroup var global: GlobalOptions

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonReload.self, metadata: global.metadata)
        }
        return Report(
            status: result.reloaded ? .done : .refused,
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) },
            remark: result.reloaded ? nil : "the configuration is refused; the old one stays in force"
        )
    }

    static func text(_ result: DaemonReload.Result) -> String {
        var list = FieldList()
        for problem in result.problems { list.add(result.reloaded ? "warning" : "error", problem.message) }
        for change in result.clients { list.add("client \(change.client)", describe(change)) }
        for key in result.restartNeeded { list.add("\(key)=", "has changed; a restart makes that effective") }
        return list.text
    }

    private static func describe(_ change: DaemonReload.ClientChange) -> String {
        var parts = [change.change.name]
        if change.rotatedCredential { parts.append("goes on with its rotated secret, which its source does not have") }
        if change.credentialFixed, !change.rotatedCredential {
            parts.append("its secret is a service credential, which only a restart reads again")
        }
        return parts.joined(separator: "; ")
    }
}
