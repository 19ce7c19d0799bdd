package import AgentProtocol
import MosaicAPI

/// Carries out `daemon.refresh_token`: fetches tokens now, also while fetches are held off after failures.
package struct DaemonRefreshTokenHandler: MethodHandler {
    package typealias Method = DaemonRefreshToken

    private let clients: ClientDirectory

    /// A handler for these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: DaemonRefreshToken.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonRefreshToken.Result> {
        let chosen = try chosenClients(parameters.client)
        let deadline = context.call.deadline
        let results = await withTaskGroup(of: (Int, DaemonRefreshToken.ClientResult).self) { group in
            for (index, client) in chosen.enumerated() {
                group.addTask { (index, await Self.refresh(client, deadline: deadline)) }
            }
            return await group.reduce(into: [:]) { results, element in results[element.0] = element.1 }
        }
        if let ending = context.call.control.ending { throw CallFailure(ending, progress: .begun) }
        let ordered = chosen.indices.compactMap { results[$0] }
        return Reply(
            DaemonRefreshToken.Result(clients: ordered),
            reason: ordered.first { !$0.refreshed }?.error?.kind.name
        )
    }

    private func chosenClients(_ name: String?) throws(CallFailure) -> [ConfiguredClient] {
        guard let name else { return clients.clients }
        guard let client = clients[name] else {
            throw CallFailure(
                .invalidParams,
                "client must be one of: \(clients.clients.map(\.name).joined(separator: ", "))",
                outcome: .notSent,
                parameter: "client"
            )
        }
        return [client]
    }

    private static func refresh(
        _ client: ConfiguredClient,
        deadline: ContinuousClock.Instant
    ) async -> DaemonRefreshToken.ClientResult {
        do throws(APIFailure) {
            try await client.service.refreshToken(deadline: deadline)
            return DaemonRefreshToken.ClientResult(
                client: client.name,
                refreshed: true,
                expiresInSeconds: client.service.status.tokenRemaining.map { Int(clamping: $0.components.seconds) }
            )
        } catch {
            let failure = CallFailure(error)
            let message = failure.message + (error.advice.map { ": \($0)" } ?? "")
            return DaemonRefreshToken.ClientResult(
                client: client.name,
                refreshed: false,
                error: DaemonStatus.LastError(kind: failure.kind, message: message, ageSeconds: 0)
            )
        }
    }
}
