import AgentProtocol
import MosaicAPI
import StrictJSON

extension MethodRegistry {
    /// Adds the methods by which a caller finds out about the agent and itself.
    mutating func addSystemMethods(policy: AccessPolicy, clients: ClientDirectory, limits: SystemHello.Limits) {
        on(SystemPing.self) { _, _ in Reply(SystemPing.Result()) }
        on(SystemHello.self) { _, context in
            var caller = context.caller
            if let source = context.call.unit {
                // Where no rule depends on it, it is told if the rate of look-ups allows it: a caller must not make systemd work.
                caller.unit =
                    if let depth = policy.neededUnit(from: caller) {
                        await source.unit(depth)
                    } else {
                        await source.unitWithoutNeed()
                    }
            }
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
        for socket in [SocketKind.main, .control] {
            // Made once.
            let document = MethodTable.table(of: socket).openRPC(version: AgentVersion.current)
            on(RPCDiscover.self, socket: socket) { _, _ in Reply(RPCDiscover.Result(document: document)) }
        }
    }
}
