import AgentClient
import AgentProtocol
import ArgumentParser

/// A command of mosaicctl.
protocol CtlCommand: AsyncParsableCommand {
    /// How the command is called in the output of `--json`.
    static var title: String { get }
    /// The options that every command has.
    var global: GlobalOptions { get }
}

/// A command that makes a report; ``Program`` shows it and turns it into the exit status.
protocol AgentCommand: CtlCommand {
    /// Does the work.
    ///
    /// - Throws: `CommandFailure`.
    func report() async throws -> Report
}

/// A command that writes what it finds as it goes on.
protocol StreamingCommand: CtlCommand {
    /// Does the work.
    ///
    /// - Parameter write: writes complete lines to standard output; what it throws is to be passed on.
    /// - Throws: `CommandFailure`, and what `write` has thrown.
    func stream(_ write: @escaping @Sendable (String) throws -> Void) async throws -> ExitStatus
}

extension CtlCommand {
    static var title: String { configuration.commandName ?? "" }

    /// Connects to a socket, lets `body` make its calls, and says of a failure what there is to say about the socket.
    func withAgent<Success>(
        _ socket: SocketKind,
        _ body: (AgentClient) async throws -> Success
    ) async throws -> Success {
        let path = global.path(of: socket)
        do {
            return try await AgentClient.withConnection(path: path, configuration: .shortLived, body)
        } catch let error as AgentError {
            throw CommandFailure(error, socket: socket, path: path)
        }
    }
}
