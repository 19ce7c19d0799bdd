package import AgentProtocol
import MosaicAPI

/// Carries out `system.hello`.
package struct SystemHelloHandler: MethodHandler {
    package typealias Method = SystemHello

    private let policy: AccessPolicy
    private let clients: ClientDirectory
    private let limits: SystemHello.Limits

    /// A handler that tells what `policy` gives the caller.
    package init(policy: AccessPolicy, clients: ClientDirectory, limits: SystemHello.Limits) {
        self.policy = policy
        self.clients = clients
        self.limits = limits
    }

    package func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<SystemHello.Result> {
        // Also where no rule depends on it: it is part of the answer.
        var caller = context.call.caller
        if let source = context.call.unit { caller.unit = await source.unit(policy.neededUnit(from: caller) ?? .unit) }
        let clientNames = policy.clients(for: caller)
        return Reply(
            SystemHello.Result(
                server: SystemHello.Server(name: "mosaicd", version: AgentVersion.current),
                limits: limits,
                caller: SystemHello.Caller(
                    uid: caller.uid,
                    gids: caller.groups,
                    unit: caller.unit.name,
                    rule: policy.rules(for: caller).first?.name
                ),
                rights: policy.rights(for: caller).map { Right($0) },
                clients: clientNames,
                emulated: clientNames.contains { name in clients[name]?.service.isEmulated ?? false }
            )
        )
    }
}
