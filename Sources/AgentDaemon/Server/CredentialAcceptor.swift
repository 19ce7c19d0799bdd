import AgentProtocol
import NIOCore

/// Sets up new connections to the credential socket.
struct CredentialAcceptor: Sendable {
    let shared: SocketContext
    let runners: [CallRunner]
    /// Who may ask for credentials.
    let user: UInt32

    /// Gives a new connection its handler; called on its event loop, before anything happens on it.
    ///
    /// - Throws: ``SocketError`` if it has no place here; the caller then closes it.
    func initialize(_ channel: any Channel) throws {
        let now = shared.clock.now
        let facts = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { descriptor in
            (peer: try PeerCredentials.caller(of: descriptor), name: UnixAddress(peerOf: descriptor)?.abstractName)
        }
        guard let facts, let runner = runners.first(where: { $0.executor.eventLoop === channel.eventLoop }) else {
            throw SocketError(.system, "a connection came in that is no Unix socket of this server")
        }
        guard
            case .admitted(let number) = shared.registry.admit(
                caller: facts.peer,
                socket: .credential,
                isProbe: false,
                now: now
            )
        else {
            shared.counters.connectionsRefused.increment()
            shared.tellRefused(facts.peer, at: .credential, because: .overloaded)
            throw SocketError(.system, "too many units ask for credentials")
        }
        shared.counters.connectionsAccepted.increment()
        let call = Call.credential(
            facts.name.flatMap { CredentialRequest(abstractName: $0) },
            peer: facts.peer,
            user: user,
            connection: number,
            now: now
        )
        do {
            try channel.pipeline.syncOperations.addHandler(
                CredentialHandler(call: call, shared: shared, runner: runner)
            )
        } catch {
            // No handler gives the place back.
            shared.registry.remove(number)
            throw error
        }
    }
}
