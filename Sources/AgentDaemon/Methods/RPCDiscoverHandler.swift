package import AgentProtocol
import StrictJSON

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
