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

    /// Adds the handler of a method, for every socket that its descriptor names.
    package mutating func register<H: MethodHandler>(_ handler: H) {
        let method = RegisteredMethod(handler)
        for socket in method.descriptor.sockets {
            register(method, on: socket)
        }
    }

    /// Adds a handler for one socket only, where each socket has its own answer.
    package mutating func register<H: MethodHandler>(_ handler: H, on socket: SocketKind) {
        register(RegisteredMethod(handler), on: socket)
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

    private mutating func register(_ method: RegisteredMethod, on socket: SocketKind) {
        switch socket {
        case .main: main[method.descriptor.name] = method
        case .control: control[method.descriptor.name] = method
        }
    }
}

/// A handler whose method's types are known only to itself.
package struct RegisteredMethod: Sendable {
    /// What is known about the method.
    package let descriptor: MethodDescriptor
    private let decode: @Sendable (Request) throws(ProtocolError) -> PreparedCall

    init<H: MethodHandler>(_ handler: H) {
        descriptor = H.Method.descriptor
        decode = { request throws(ProtocolError) in
            let parameters = try H.Method.parameters(of: request)
            var sent: (@Sendable () -> Secret)?
            if H.Method.descriptor.isSend { sent = { parameters.text } }
            return PreparedCall(sent: sent) { context in
                let reply = try await handler.handle(parameters, in: context)
                return EncodedReply(reply, of: H.Method.self, id: request.id)
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

extension MethodRegistry {
    /// Adds the handlers of the methods about login preferences.
    package mutating func registerPreferencesMethods(clients: ClientDirectory) {
        register(PreferencesGetHandler(clients: clients))
        register(PreferencesUpdateHandler(clients: clients))
    }
}

extension MethodRegistry {
    /// Adds what is about password resets.
    mutating func registerResets(clients: ClientDirectory) {
        register(ResetSendEmailLinkHandler(clients: clients))
        register(ResetCreateLinkHandler(clients: clients))
        register(ResetSendEmailOTPHandler(clients: clients))
        register(ResetVerifyEmailOTPHandler(clients: clients))
        register(ResetSendSMSOTPHandler(clients: clients))
        register(ResetVerifySMSOTPHandler(clients: clients))
        register(ResetVerifyPasswordHandler(clients: clients))
        register(ResetCompleteHandler(clients: clients))
    }
}

extension MethodRegistry {
    /// Adds what is about sessions, tokens and logins through the browser.
    mutating func registerSessions(clients: ClientDirectory) {
        register(PasswordLoginHandler(clients: clients))
        register(CodeExchangeHandler(clients: clients))
        register(SessionAuthenticateHandler(clients: clients))
        register(SessionLogoutHandler(clients: clients))
        register(UserLogoutHandler(clients: clients))
        register(SessionListHandler(clients: clients))
        register(SessionRevokeHandler(clients: clients))
        register(TokenRefreshHandler(clients: clients))
        register(TokenRevokeHandler(clients: clients))
        register(TokenVerifyHandler(clients: clients))
        register(ClientTokenGetHandler(clients: clients))
    }
}

extension MethodRegistry {
    /// Adds the handlers of the methods about users and their passwords.
    package mutating func registerUserMethods(clients: ClientDirectory) {
        register(PasswordCheckHandler(clients: clients))
        register(PasswordRegisterHandler(clients: clients))
        register(PasswordUpdateHandler(clients: clients))
        register(PasswordRegisterOwnHandler(clients: clients))
        register(UserCreateHandler(clients: clients))
        register(UserGetHandler(clients: clients))
        register(UserSearchHandler(clients: clients))
        register(UserUpdateHandler(clients: clients))
        register(UserAuthenticatorsHandler(clients: clients))
    }
}

extension MosaicService {
    /// Carries out an operation, and says what a conflict means for it.
    ///
    /// - Parameter conflict: The sentence for the caller when Mosaic answers that something exists already or not yet, and
    ///   not more than that.
    func perform<Operation: APIOperation>(
        _ operation: Operation,
        in context: CallContext,
        conflict: String
    ) async throws -> Operation.Output {
        do throws(APIFailure) {
            return try await perform(operation, call: context.upstreamCall)
        } catch {
            guard error.kind == .conflict, error.cause == nil else { throw error }
            var failure = CallFailure(error)
            failure.message = conflict
            throw failure
        }
    }
}

/// Carries out one method: typed parameters in, typed result out.
///
/// Whatever happens before (access, limits) and after (release, audit, encoding) is the dispatcher's. A handler does not
/// log what callers sent.
package protocol MethodHandler<Method>: Sendable {
    /// The method it carries out.
    associatedtype Method: AgentMethod

    /// Does the work.
    ///
    /// - Throws: ``CallFailure``, or an `APIFailure` of the Mosaic client, which the dispatcher translates; any other error
    ///   is a bug and answered as `internal`.
    func handle(_ parameters: Method.Parameters, in context: CallContext) async throws -> Reply<Method.Result>
}

/// A handler's result with what the audit record keeps of it.
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
