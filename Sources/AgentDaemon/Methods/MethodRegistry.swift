package import AgentProtocol
import MosaicAPI
package import Secrets
import StrictJSON

/// The handlers of both sockets by method name: what the agent can do.
package struct MethodRegistry: Sendable {
    private var main: [String: RegisteredMethod] = [:]
    private var control: [String: RegisteredMethod] = [:]

    /// A registry without methods.
    package init() {}

    /// Adds a method: typed parameters in, typed result out.
    ///
    /// What comes before (access, limits) and after (release, audit, encoding) is the dispatcher's. What carries a method out does not
    /// log what callers sent.
    ///
    /// - Parameters:
    ///   - socket: the one socket that serves it this way; all sockets of its descriptor unless said.
    ///   - handle: does the work. It throws ``CallFailure``, or an `APIFailure` of the Mosaic client, which the dispatcher translates;
    ///     any other error is a bug and answered as `internal`.
    package mutating func on<M: AgentMethod>(
        _ method: M.Type,
        socket: SocketKind? = nil,
        _ handle: @escaping @Sendable (M.Parameters, CallContext) async throws -> Reply<M.Result>
    ) {
        let method = RegisteredMethod(method, handle)
        for socket in socket.map({ [$0] }) ?? method.descriptor.sockets {
            switch socket {
            case .main: main[method.descriptor.name] = method
            case .control: control[method.descriptor.name] = method
            }
        }
    }

    /// Adds all methods that act at Mosaic.
    package mutating func addMosaicMethods() {
        addPasswordMethods()
        addOTPMethods()
        addLinkMethods()
        addBrowserLoginMethods()
        addResetMethods()
        addSessionMethods()
        addTokenMethods()
        addUserMethods()
        addPreferencesMethods()
    }

    /// The method of that name on that socket.
    package subscript(name: String, on socket: SocketKind) -> RegisteredMethod? {
        let found = socket == .main ? main[name] : control[name]
        // A dictionary also finds names that are only canonically equivalent; on the wire bytes count. What is equivalent to
        // ASCII, as names of methods are, and is other bytes, is more of them.
        guard let found, found.descriptor.name.utf8.count == name.utf8.count else { return nil }
        return found
    }

    /// Methods in the protocol's table that no handler carries out; empty in a complete agent.
    package func missing(on socket: SocketKind) -> [String] {
        MethodTable.table(of: socket).methods.map { method in method.descriptor.name }
            .filter { name in self[name, on: socket] == nil }
    }
}

/// A method whose types are known only to itself.
package struct RegisteredMethod: Sendable {
    /// What is known about the method.
    package let descriptor: MethodDescriptor
    private let decode: @Sendable (Request) throws(ProtocolError) -> PreparedCall

    init<M: AgentMethod>(
        _ method: M.Type,
        _ handle: @escaping @Sendable (M.Parameters, CallContext) async throws -> Reply<M.Result>
    ) {
        descriptor = M.descriptor
        decode = { request throws(ProtocolError) in
            let parameters = try M.parameters(of: request)
            var sent: (@Sendable () -> Secret)?
            if M.descriptor.isSend { sent = { parameters.text } }
            return PreparedCall(sent: sent) { context in
                let reply = try await handle(parameters, context)
                return EncodedReply(reply, of: M.self, id: request.id)
            }
        }
    }

    /// Takes the parameters of a request.
    ///
    /// - Throws: `invalid_params` with the parameter at fault.
    package func prepare(_ request: Request) throws(ProtocolError) -> PreparedCall {
        try decode(request)
    }
}

/// A call whose parameters are decoded.
package struct PreparedCall: Sendable {
    /// For sends, the parameters as JSON, always in the same order, to tell repeats from other calls.
    package let sent: (@Sendable () -> Secret)?
    /// Carries it out.
    package let run: @Sendable (CallContext) async throws -> EncodedReply

    init(
        sent: (@Sendable () -> Secret)?,
        run: @escaping @Sendable (CallContext) async throws -> EncodedReply
    ) {
        self.sent = sent
        self.run = run
    }
}

extension WireObject {
    /// The JSON text; kept as a secret, because parameters may be.
    fileprivate var text: Secret {
        var writer = JSONWriter(capacity: 1024)
        encode(to: &writer)
        return writer.takeSecret()
    }
}

/// A reply whose result is encoded.
package struct EncodedReply: Sendable {
    /// The answer line, without LF.
    package let line: [UInt8]
    /// The verdict, if the result has one.
    package let verdict: Verdict?
    /// Why, for the audit record.
    package let reason: String?
    /// The hash of the user it was about, where only the handler knows it.
    package let target: String?
    /// For sends, the line with which a repeat of the call is answered; nil where none may be.
    package let repeated: (@Sendable (RequestID) -> [UInt8])?

    init<M: AgentMethod>(_ reply: Reply<M.Result>, of method: M.Type, id: RequestID) {
        line = M.answerLine(id: id, result: reply.result)
        verdict = (reply.result as? any VerdictBearing)?.verdict
        reason = reply.reason
        target = reply.target
        if M.descriptor.isSend, reply.isMemorable {
            let result = reply.result.asReplay
            repeated = { id in M.answerLine(id: id, result: result) }
        } else {
            repeated = nil
        }
    }

    private init(_ reply: EncodedReply, line: [UInt8]) {
        self.line = line
        verdict = reply.verdict
        reason = reply.reason
        target = reply.target
        repeated = reply.repeated
    }

    /// The same reply to another call.
    func answering(_ id: RequestID) -> EncodedReply {
        EncodedReply(self, line: repeated?(id) ?? line)
    }
}

/// The result of a method with what the audit record keeps of it.
package struct Reply<Result: Sendable>: Sendable {
    /// What the caller gets.
    package var result: Result
    /// Why, in one word, for the audit record; for instance which of the reasons a `denied` has.
    package var reason: String?
    /// Whether a repeat of the send under the same `meta.idempotency_key` may get the same result from memory; false for
    /// results that hold a code or a link.
    package var isMemorable: Bool
    /// For the audit record, the hash of the user it was about, where the parameters have nothing else of the user.
    package var target: String?

    /// A reply.
    package init(_ result: Result, reason: String? = nil, isMemorable: Bool = true, target: String? = nil) {
        self.result = result
        self.reason = reason
        self.isMemorable = isMemorable
        self.target = target
    }
}
