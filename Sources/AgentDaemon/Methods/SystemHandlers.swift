package import AgentProtocol
import MosaicAPI
import StrictJSON

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
}

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

/// Carries out `rpc.discover` for one socket.
package struct RPCDiscoverHandler: MethodHandler {
    package typealias Method = RPCDiscover

    private let document: JSONText

    /// A handler that describes the methods of `socket`; the document is made once.
    package init(socket: SocketKind) {
        document = MethodTable.table(of: socket).openRPC(version: AgentVersion.current)
    }

    package func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<RPCDiscover.Result> {
        Reply(RPCDiscover.Result(document: document))
    }
}
