import Foundation

/// A running mosaicd with sockets and a configuration of its own.
struct AgentFixture: Sendable {
    let socket: String
    let controlSocket: String
    let credentialSocket: String
    let configuration: String
    let process: RunningProcess
    let notifications: NotifySocket
    private let scratch: Scratch

    /// Starts the agent and returns once it has said READY=1.
    static func start(
        for sandbox: SandboxFixture.Description,
        in scratch: Scratch,
        name: String = "agent",
        options: AgentOptions = AgentOptions(),
        credentials: String? = nil
    ) async throws -> Self {
        let text = options.configuration(for: sandbox, in: scratch, name: name)
        return try await start(
            configuration: try scratch.write("\(name).conf", text),
            name: name,
            in: scratch,
            credentials: credentials,
            redirection: options.redirection
        )
    }

    /// Starts the agent with a configuration file that is there, and returns once it has said READY=1.
    ///
    /// - Parameters:
    ///   - credentials: The directory of its service credentials.
    ///   - redirection: Where its standard descriptors lead, as the shell writes it, in place of files.
    static func start(
        configuration: String,
        name: String,
        in scratch: Scratch,
        credentials: String? = nil,
        redirection: String? = nil
    ) async throws -> Self {
        let notifications = try NotifySocket(in: scratch, name: "\(name).notify")
        let command = [Binaries.mosaicd, "--config", configuration]
        let process = try RunningProcess(
            redirection == nil ? Binaries.mosaicd : "/bin/sh",
            redirection.map { ["-c", "exec \"$0\" \"$@\" \($0)"] + command } ?? Array(command.dropFirst()),
            environment: ["NOTIFY_SOCKET": notifications.path].merging(
                credentials.map { ["CREDENTIALS_DIRECTORY": $0] } ?? [:]
            ) { first, _ in first },
            label: name,
            in: scratch
        )
        try await waitUntil("mosaicd says READY=1") {
            guard process.isRunning else { throw HarnessFailure("mosaicd ended: \(process.error)") }
            return notifications.assignments().contains("READY=1")
        }
        return AgentFixture(
            socket: scratch["\(name).sock"],
            controlSocket: scratch["\(name)-control.sock"],
            credentialSocket: scratch["\(name)-credential.sock"],
            configuration: configuration,
            process: process,
            notifications: notifications,
            scratch: scratch
        )
    }

    /// Runs mosaicctl against this agent.
    func ctl(_ arguments: String..., input: String = "") async throws -> RunningProcess.Outcome {
        try await RunningProcess.run(
            Binaries.mosaicctl,
            ["--socket", socket, "--control-socket", controlSocket] + arguments,
            input: input,
            label: "ctl",
            in: scratch
        )
    }

    /// One request on a connection of its own to the main socket.
    func ask(_ method: String, _ params: String, id: String = "1") throws -> JSONTree {
        try Self.ask(socket, method, params, id: id)
    }

    /// One request on a connection of its own to the control socket.
    func askControl(_ method: String, _ params: String = "{}") throws -> JSONTree {
        try Self.ask(controlSocket, method, params, id: "1")
    }

    /// One `password.authenticate` on a connection of its own.
    func authenticate(
        _ username: String,
        _ password: String,
        type: String = "username",
        more: String = ""
    ) throws -> JSONTree {
        try ask(
            "password.authenticate",
            #"{"username":"\#(username)","password":"\#(password)","username_type":"\#(type)"\#(more)}"#
        )
    }

    private static func ask(_ path: String, _ method: String, _ params: String, id: String) throws -> JSONTree {
        let connection = try LineSocket(path)
        return try connection.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#)
    }
}
