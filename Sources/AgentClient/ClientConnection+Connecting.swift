import AgentProtocol
import Glibc
import Linux
import NIOCore
import NIOPosix

extension ClientConnection {
    /// Connects to the socket at `path`.
    static func connected(
        to path: String,
        _ configuration: AgentClient.Configuration
    ) async throws(AgentError) -> ClientConnection {
        let connection = ClientConnection(configuration)
        do {
            let channel = try await ClientBootstrap(group: configuration.eventLoopGroup)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AnswerHandler(connection))
                    }
                }
                .connect(to: address(of: path))
                .get()
            connection.attach(channel)
            return connection
        } catch {
            throw connectionError(error, path)
        }
    }

    /// The address of a path, whose bytes need not be UTF-8.
    private static func address(of path: String) throws -> SocketAddress {
        guard !PathText.isPlain(path) else { return try SocketAddress(unixDomainSocketPath: path) }
        let bytes = PathText.bytes(path)
        var address = sockaddr_un()
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SocketAddressError.unixDomainSocketPathTooLong
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return SocketAddress(address)
    }

    private static func connectionError(_ error: any Error, _ path: String) -> AgentError {
        guard let code = (error as? IOError)?.errnoCode else {
            return AgentError(.cannotConnect, "cannot connect to \(path): \(error)", outcome: .notSent)
        }
        switch code {
        case ENOENT, ENOTDIR:
            return AgentError(.notRunning, "there is no socket at \(path)", outcome: .notSent)
        case ECONNREFUSED:
            return AgentError(.notRunning, "no process listens on \(path)", outcome: .notSent)
        case EACCES, EPERM:
            return AgentError(.permissionDenied, "this process may not connect to \(path)", outcome: .notSent)
        case EAGAIN:
            // A Unix socket does not make a client wait when its queue of connections is full.
            return AgentError(.cannotConnect, "too many connections wait at \(path)", outcome: .notSent)
        default:
            return AgentError(.cannotConnect, "cannot connect to \(path): error \(code)", outcome: .notSent)
        }
    }
}
