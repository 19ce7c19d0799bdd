import AgentProtocol

/// Carries out `daemon.metrics`.
struct DaemonMetricsHandler: MethodHandler {
    typealias Method = DaemonMetrics

    let metrics: AgentMetrics

    func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<DaemonMetrics.Result> {
        Reply(DaemonMetrics.Result(metrics: metrics.metrics()))
    }
}
