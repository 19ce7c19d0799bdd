public import AgentProtocol
public import NIOCore
public import NIOPosix
public import StrictJSON

/// A connection to the agent's main or control socket.
///
/// ```swift
/// let verdict = try await AgentClient.withConnection { client in
///     try await client.call(
///         PasswordAuthenticate.self, .init(username: "alice", password: password)
///     ).verdict
/// }
/// ```
///
/// Calls can be made from any number of tasks at the same time; they share the connection, and each gets its own answer in
/// whatever order the agent gives them. Up to 64 calls may be in flight (the agent works on 32); the agent reads more only
/// when earlier ones are answered, and their deadlines run meanwhile.
///
/// Cancelling a task that waits for a call asks the agent to end the call (`$/cancel`) and returns as soon as the agent has
/// answered: with the result, if it came first, else with an error whose ``AgentError/outcome`` says whether the call can
/// have had an effect.
public struct AgentClient: Sendable {
    /// The socket of the applications.
    public static let defaultSocketPath = "/run/mosaicd/mosaicd.sock"
    /// The administrator's socket.
    public static let defaultControlSocketPath = "/run/mosaicd/control.sock"

    let connection: ClientConnection

    /// Connects, runs `body` and closes the connection on every path out of it.
    ///
    /// A copy of the client that outlives `body` is useless: its calls fail with ``AgentError/Code/closed``.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - configuration: timing and the event loops to use.
    ///   - body: gets the client.
    /// - Throws: `AgentError` when no connection can be made; whatever `body` throws.
    public static func withConnection<Success>(
        path: String = defaultSocketPath,
        configuration: Configuration = Configuration(),
        _ body: (AgentClient) async throws -> Success
    ) async throws -> Success {
        let connection = try await ClientConnection.connected(to: path, configuration)
        do {
            let success = try await body(AgentClient(connection: connection))
            await connection.close()
            return success
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Makes a call and reads its result.
    ///
    /// - Parameters:
    ///   - method: such as ``/AgentProtocol/PasswordAuthenticate``.
    ///   - parameters: what the method takes.
    ///   - metadata: deadline, client and the like; the defaults are the agent's.
    /// - Throws: `AgentError`. A denied login is no error but a result.
    public func call<Method: AgentMethod>(
        _ method: Method.Type,
        _ parameters: Method.Parameters,
        metadata: CallMetadata = CallMetadata()
    ) async throws(AgentError) -> Method.Result {
        let actsUpstream = Method.descriptor.retryClass != .local
        let json = try await connection.call(deadline: metadata.deadline, actsUpstream: actsUpstream) { id in
            Method.requestLine(id: id, parameters: parameters, metadata: metadata)
        }
        do throws(SchemaViolation) {
            return try Method.result(from: json)
        } catch {
            let outcome: Outcome? = actsUpstream ? .unknown : nil
            throw AgentError(.protocolViolation, "the result of \(Method.name) is not one: \(error)", outcome: outcome)
        }
    }

    /// Makes a call of a method without parameters and reads its result.
    public func call<Method: AgentMethod>(
        _ method: Method.Type,
        metadata: CallMetadata = CallMetadata()
    ) async throws(AgentError) -> Method.Result where Method.Parameters == EmptyParameters {
        try await call(method, EmptyParameters(), metadata: metadata)
    }

    /// Makes a call of any method, also one that this version does not know, with JSON both ways.
    ///
    /// - Parameters:
    ///   - method: the name on the wire.
    ///   - paramsJSON: an object, perhaps with `meta`; nil for none.
    ///   - metadata: members of `meta` that `paramsJSON` does not have; its own `meta` must then be absent.
    ///
    /// A method that goes on until it is cancelled (`daemon.watch`) is waited for as long, unless it has a deadline; what it
    /// tells meanwhile is in ``events(_:deadline:buffer:)`` only.
    ///
    /// - Returns: the JSON text of the result as the agent wrote it. It may contain tokens.
    /// - Throws: `AgentError`; with `.invalidRequest` when `paramsJSON` is no object or both it and `metadata` have members of
    ///   `meta`.
    public func call(
        method: String,
        paramsJSON: JSONText? = nil,
        metadata: CallMetadata = CallMetadata()
    ) async throws(AgentError) -> JSONText {
        let params = try RawParameters(paramsJSON, metadata, isOpenEnded: MethodTable.isOpenEnded(method))
        return try await connection.call(
            deadline: params.deadline,
            actsUpstream: MethodTable.actsUpstream(method)
        ) { id in
            RequestLine.call(id: id, method: method, params: params.json)
        }.rawText
    }
}

extension MethodTable {
    /// Whether a call of that name may have an effect or a cost at Mosaic; an unknown one may.
    static func actsUpstream(_ method: String) -> Bool {
        guard let descriptor = main.descriptor(named: method) ?? control.descriptor(named: method) else { return true }
        return descriptor.retryClass != .local
    }

    /// Whether a call of that name goes on until it is cancelled.
    static func isOpenEnded(_ method: String) -> Bool {
        control.descriptor(named: method)?.isOpenEnded == true
    }
}

extension AgentClient {
    /// How a connection behaves.
    public struct Configuration: Sendable {
        /// The event loops to use; one serves any number of connections.
        public var eventLoopGroup: any EventLoopGroup
        /// How long to wait for an answer beyond the call's own deadline, within which the agent always answers.
        public var deadlineGrace: Duration
        /// How long to wait for the answer of a call whose task was cancelled.
        public var cancellationGrace: Duration

        /// The settings for most programs: the process's shared event loops, two seconds of patience.
        public init(
            eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
            deadlineGrace: Duration = .seconds(2),
            cancellationGrace: Duration = .seconds(2)
        ) {
            self.eventLoopGroup = eventLoopGroup
            self.deadlineGrace = deadlineGrace
            self.cancellationGrace = cancellationGrace
        }

        /// For programs that make a call or two and end: one event loop, so that starting does not cost a thread per
        /// processor.
        package static let shortLived = Configuration(
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1)
        )
    }
}
