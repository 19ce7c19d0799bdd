import AgentProtocol
import MosaicAPI
import StrictJSON

/// Carries out `daemon.connections`.
struct DaemonConnectionsHandler: MethodHandler {
    typealias Method = DaemonConnections

    /// The bytes of all connections in one answer; leaves room for what is around them.
    private static let maximumBytes = ProtocolLimits.maximumResultBytes - 1024

    let sockets: SocketMonitor
    let clock: any AgentClock

    func handle(
        _ parameters: DaemonConnections.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonConnections.Result> {
        let wanted = await sockets.connections(now: clock.now).filter { parameters.admits($0) }
        let rest = wanted.drop { $0.id <= parameters.after ?? 0 }
        let shown = Self.fitting(rest.prefix(parameters.limit ?? DaemonConnections.Parameters.maximumCount))
        return Reply(
            DaemonConnections.Result(total: wanted.count, truncated: shown.count < rest.count, connections: shown)
        )
    }

    /// As many as fit into a result.
    private static func fitting(
        _ connections: some Sequence<DaemonConnections.Connection>
    ) -> [DaemonConnections.Connection] {
        var bytes = 0
        return Array(
            connections.prefix { connection in
                var writer = JSONWriter()
                connection.encode(to: &writer)
                bytes += writer.bytes.count + 1
                return bytes <= maximumBytes
            }
        )
    }
}

extension DaemonConnections.Parameters {
    fileprivate func admits(_ connection: DaemonConnections.Connection) -> Bool {
        (uid == nil || connection.uid == uid) && (socket == nil || connection.socket == socket)
    }
}
