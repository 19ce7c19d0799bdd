package import AgentProtocol

/// Carries out `system.ping`.
package struct SystemPingHandler: MethodHandler {
    package typealias Method = SystemPing

    /// A handler.
    package init() {}

    package func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<SystemPing.Result> {
        Reply(SystemPing.Result())
    }
}
