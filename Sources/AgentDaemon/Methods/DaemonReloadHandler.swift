import AgentProtocol

/// Carries out `daemon.reload`.
struct DaemonReloadHandler: MethodHandler {
    typealias Method = DaemonReload

    let steward: ConfigurationReloader

    func handle(_ parameters: EmptyParameters, in context: CallContext) async throws -> Reply<DaemonReload.Result> {
        let result = try await steward.reload()
        return Reply(result, reason: result.reloaded ? nil : "refused")
    }
}
