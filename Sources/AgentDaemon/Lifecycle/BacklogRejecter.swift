import AgentProtocol
import Glibc
import Systemd

/// The connections that wait at the sockets of an agent that cannot start.
///
/// While one waits, the service manager starts the service again as soon as it has ended. Where a new start is of no use,
/// that would go on as long as the client has patience, and fill the journal: so the agent tells them and sends them away.
enum BacklogRejecter {
    /// More than can wait at a socket (``UnixListener/backlog``), so that a process that keeps connecting cannot keep us.
    private static let limit = 8192

    /// Answers every waiting connection with an error of kind `shutting_down` and closes it; a waiting unit gets an empty
    /// credential.
    static func refuse(at descriptors: ListenDescriptors) {
        let line =
            ProtocolError(.shuttingDown, "the agent cannot start: its configuration is wrong, the journal says how")
            .line() + [UInt8(ascii: "\n")]
        guard let sockets = try? descriptors.listeningSockets(named: SocketServerSettings.names).sockets else { return }
        for (name, socket) in sockets {
            // What is written to a credential socket would be taken for the credential.
            let line = name == ServedSocket.credential.rawValue ? [] : line
            for _ in 0..<limit {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { break }
                answer(OwnedDescriptor(connection), line)
            }
        }
    }

    private static func answer(_ connection: consuming OwnedDescriptor, _ line: [UInt8]) {
        // Sound: the kernel reads the array's bytes during the call, and writes none.
        _ = unsafe send(connection.rawValue, line, line.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        // What the client has sent already is taken, else it would see a reset connection instead of the answer.
        var request = [UInt8](repeating: 0, count: 65_536)
        // Sound: the kernel writes at most as many bytes as the array has.
        _ = unsafe recv(connection.rawValue, &request, request.count, Int32(MSG_DONTWAIT))
    }
}
