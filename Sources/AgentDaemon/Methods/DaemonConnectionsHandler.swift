import AgentProtocol
import MosaicAPI

/// Carries out `daemon.connections`.
struct DaemonConnectionsHandler: MethodHandler {
    typealias Method = DaemonConnections

    let sockets: SocketMonitor
    let clock: any AgentClock

    func handle(
        _ parameters: DaemonConnections.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonConnections.Result> {
        let wanted = await sockets.connections(now: clock.now).filter { parameters.admits($0) }
        let rest = wanted.drop { $0.id <= parameters.after ?? 0 }
        var room = ResultRoom()
        let shown = room.fitting(rest.prefix(parameters.limit ?? DaemonConnections.Parameters.maximumCount))
        return Reply(
            DaemonConnections.Result(total: wanted.count, truncated: shown.count < rest.count, connections: shown)
        )
    }
}

extension DaemonConnections.Parameters {
    fileprivate func admits(_ connection: DaemonConnections.Connection) -> Bool {
        (uid == nil || connection.uid == uid) && (socket == nil || connection.socket == socket)
    }
}
