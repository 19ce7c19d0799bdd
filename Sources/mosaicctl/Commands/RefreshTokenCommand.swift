import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl refresh-token`
struct RefreshTokenCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh-token",
        abstract: "Make the agent fetch its client access token anew.",
        discussion: """
            The old token serves until there is a new one. Useful after the client secret was corrected, instead of \
            waiting for the next attempt. Exits 7 when a client got no token.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The configured client. (default: all of them)")
    var client: String?

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonRefreshToken.self, .init(client: client), metadata: global.metadata)
        }
        return Report(
            status: Self.status(result),
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    private static func status(_ result: DaemonRefreshToken.Result) -> ExitStatus {
        let failed = result.clients.filter { !$0.refreshed }
        if failed.isEmpty { return .done }
        return failed.allSatisfy { $0.error?.kind == .upstreamRateLimited } ? .throttled : .upstream
    }

    private static func text(_ result: DaemonRefreshToken.Result) -> String {
        var list = FieldList()
        for client in result.clients {
            if client.refreshed {
                let rest = client.expiresInSeconds.map { ", expires in \(HumanUnits.duration(seconds: $0))" } ?? ""
                list.add(client.client, "new token" + rest)
            } else {
                list.add(
                    client.client,
                    "no new token: " + (client.error.map { "\($0.kind): \($0.message)" } ?? "no reason given")
                )
            }
        }
        return list.text
    }
}
