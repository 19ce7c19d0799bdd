import AgentClient
import AgentProtocol
import ArgumentParser

/// A command that makes a report; ``Program`` shows it and turns it into the exit status.
protocol AgentCommand: AsyncParsableCommand {
    /// How the command is called in the output of `--json`.
    static var title: String { get }
    /// The options that every command has.
    var global: GlobalOptions { get }
    /// Does the work.
    ///
    /// - Throws: `CommandFailure`.
    func report() async throws -> Report
}

extension AgentCommand {
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
