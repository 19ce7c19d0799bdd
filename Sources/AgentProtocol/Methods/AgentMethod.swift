public import StrictJSON

/// One method of the socket protocol: a type without instances that carries all that is known about it.
///
/// Dispatch, access, redaction, audit, `rpc.discover`, the reference, typed clients and the command line all read it.
/// A method that acts at Mosaic also has an operation in `MosaicAPI`, a handler in `AgentDaemon` and a command in
/// `mosaicctl`; `CONTRIBUTING.md` lists the files of a new one. Here it is a file in `Methods/` and a line in
/// ``MethodTable``.
public protocol AgentMethod: Sendable {
    /// What a call has to say.
    associatedtype Parameters: WireObject
    /// What an answer says.
    associatedtype Result: MethodResult
    /// Everything that is not the types.
    static var descriptor: MethodDescriptor { get }
}

/// What a method answers.
public protocol MethodResult: NamedSchema, Sendable {
    /// What the JSON value looks like.
    static var schema: Schema { get }
    /// Takes the values; members that are not known are ignored.
    init(reading object: ObjectReader) throws(SchemaViolation)
    /// Writes the JSON value.
    func encode(to writer: inout JSONWriter)
    /// The same result as the answer to a repeat of the call under the same `meta.idempotency_key`; itself unless said.
    var asReplay: Self { get }
}

extension MethodResult {
    /// Itself.
    public var asReplay: Self { self }
}

/// Everything about a method that its two types do not say.
///
/// A class because every request looks one up and it has many parts to copy.
public final class MethodDescriptor: Sendable {
    /// The name on the wire.
    public let name: String
    /// The sockets that serve it.
    public let sockets: Set<SocketKind>
    /// One sentence.
    public let summary: String
    /// What else a caller should know.
    public let doc: String
    /// The parameters beside `meta`, required ones first.
    public let parameters: [Field]
    /// What the result looks like.
    public let result: Schema
    /// Who may call it.
    public let requirement: MethodRequirement
    /// Which parameters name the user it is about; nil when it is about none.
    public let target: TargetRule?
    /// The parameters, and parts of parameters, that name users beside ``target``: a rule that limits the users must admit
    /// them all.
    let identifyingParameters: [IdentifyingParameter]
    /// Rights that every call needs beyond that of `requirement`, as if for a field that is always there.
    public let furtherRights: [Right]
    /// Which of the parameters are given together, where that is not free.
    public let choice: ParameterChoice?
    /// The name of the result's schema in the discovery document.
    let resultName: String
    /// Whether null is refused for optional parameters, where elsewhere it is as if they were absent.
    public let refusesNull: Bool
    /// What limits how often it is called about one user; calls that are about none are not limited.
    public let budget: MethodBudget?
    /// What it means to send it twice.
    public let retryClass: RetryClass
    /// Whether it has Mosaic send a message, so that repeats under one `meta.idempotency_key` are one send.
    public let isSend: Bool
    /// Whether its `denied` and `accepted` must look the same whatever the reason.
    public let isUniform: Bool
    /// Whether it goes on until it is cancelled: no deadline holds for it unless the caller sets one, and when the agent
    /// stops it ends at once.
    public let isOpenEnded: Bool
    /// What the agent sends while the call is in flight, beside the answer.
    public let notifications: [NotificationDescriptor]
    /// Errors that it answers beyond those any method may, and `throttled`, which follows from ``budget``.
    public let errors: [ErrorKind]

    init<M: AgentMethod>(
        of method: M.Type,
        name: String,
        sockets: Set<SocketKind> = [.main],
        summary: String,
        doc: String,
        requirement: MethodRequirement,
        furtherRights: [Right] = [],
        target: TargetRule? = nil,
        choice: ParameterChoice? = nil,
        refusesNull: Bool = false,
        budget: MethodBudget? = nil,
        retryClass: RetryClass = .local,
        isSend: Bool = false,
        isUniform: Bool = false,
        isOpenEnded: Bool = false,
        notifications: [NotificationDescriptor] = [],
        errors: [ErrorKind] = []
    ) {
        self.name = name
        self.sockets = sockets
        self.summary = summary
        self.doc = doc
        self.parameters = M.Parameters.fields
        self.result = M.Result.schema
        self.requirement = requirement
        self.furtherRights = furtherRights
        self.target = target
        self.choice = choice ?? target?.choice
        self.resultName = M.Result.schemaName
        self.refusesNull = refusesNull
        self.identifyingParameters = IdentifyingParameter.all(in: M.Parameters.fields)
        self.budget = budget
        self.retryClass = retryClass
        self.isSend = isSend
        self.isUniform = isUniform
        self.isOpenEnded = isOpenEnded
        self.notifications = notifications
        self.errors = errors
    }
}

/// A message that the agent sends without being asked for each one.
public struct NotificationDescriptor: Sendable {
    /// The name on the wire.
    public let name: String
    /// When it is sent and what a reader should know.
    public let doc: String
    /// Its parameters.
    public let parameters: [Field]

    /// A notification.
    init(name: String, doc: String, parameters: [Field]) {
        self.name = name
        self.doc = doc
        self.parameters = parameters
    }
}

/// Who may call a method.
public enum MethodRequirement: Hashable, Sendable {
    /// Everyone who can connect.
    case everyone
    /// Callers with a rule that gives this right.
    case right(Right)
    /// Callers of the control socket.
    case controlSocket
}

extension AgentMethod {
    /// The name on the wire.
    public static var name: String { descriptor.name }

    /// Checks the parameters against the schema and takes them; `meta` is left to ``Request/metadata()``.
    ///
    /// - Throws: `invalid_params` with the parameter at fault, never with its value.
    public static func parameters(of request: Request) throws(ProtocolError) -> Parameters {
        let params = request.params ?? JSONText.emptyObject.value
        guard params.kind == .object else { throw request.paramsAreNoObject }
        do throws(SchemaViolation) {
            try Schema.checkMembers(
                of: params,
                against: descriptor.parameters,
                ignoring: "meta",
                as: descriptor.refusesNull ? .parametersWithoutNull : .parameters
            )
            // Not left to the type's own reading: access and audit rely on it.
            _ = try descriptor.target?.target(in: params)
            return try Parameters(reading: ObjectReader(params))
        } catch {
            throw request.invalidParams(error)
        }
    }

    /// The answer line for `result`, without LF.
    public static func answerLine(id: RequestID, result: Result) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("id")
        id.encode(to: &writer)
        writer.key("result")
        result.encode(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The request line for a call, without LF.
    public static func requestLine(
        id: RequestID,
        parameters: Parameters,
        metadata: CallMetadata = CallMetadata()
    ) -> [UInt8] {
        RequestLine.write(id: id, method: name) { writer in
            writer.beginObject()
            parameters.encodeMembers(to: &writer)
            if !metadata.isDefault { writer.member("meta", metadata) }
            writer.endObject()
        }
    }
}

extension MethodDescriptor {
    /// Checks parameters of which some that are required may be missing.
    ///
    /// - Returns: what they say in `meta`.
    package func check(partial params: JSONValue) throws(SchemaViolation) -> CallMetadata {
        let content: CheckedContent = refusesNull ? .parametersWithoutNull : .parameters
        try Schema.checkMembers(of: params, against: parameters, ignoring: "meta", as: content, isPartial: true)
        if let target, target.names.contains(where: { params.member($0) != nil }) {
            _ = try target.target(in: params)
        }
        return try CallMetadata(inside: params)
    }

    /// The user that checked parameters of this method are about.
    package func target(in params: JSONValue?) -> Target? {
        guard let params, let target else { return nil }
        do throws(SchemaViolation) {
            return try target.target(in: params)
        } catch {
            // Parameters that break the rule were refused when they were taken.
            return nil
        }
    }

    /// The rights that checked parameters need beyond the method's own.
    package func fieldRights(usedBy params: JSONValue?) -> [Right] {
        var rights = furtherRights
        for field in parameters where field.right != nil {
            if let right = field.rightNeeded(by: params) { rights.append(right) }
        }
        return rights
    }

    /// What in the request needs the right, in words; nil where the method itself needs it.
    package func useNeeding(_ right: Right, in request: Request) -> String? {
        guard !furtherRights.contains(right),
            let field = parameters.first(where: { $0.rightNeeded(by: request.params) == right })
        else { return nil }
        return field.right?.value.map { "\(field.name)=\($0)" } ?? "the parameter \(field.name)"
    }
}

extension Field {
    /// The field's own right, if these parameters make use of it.
    fileprivate func rightNeeded(by params: JSONValue?) -> Right? {
        guard let right, let value = params?.member(name) else { return nil }
        if let only = right.value, !value.isWritten(as: only) { return nil }
        return right.right
    }
}

extension JSONValue {
    /// The member with this key; nil when it is absent or null.
    func member(_ key: String) -> JSONValue? {
        guard let member = self[key], !member.isNull else { return nil }
        return member
    }

    /// Whether it is the string `text`, or a boolean written so.
    fileprivate func isWritten(as text: String) -> Bool {
        kind == .string ? matches(text) : rawBytes.elementsEqual(text.utf8)
    }

}

extension JSONText {
    /// `{}`.
    static let emptyObject = JSONText { writer in
        writer.beginObject()
        writer.endObject()
    }
}

/// The result of a method that has nothing to say but that it is done: `{}`.
public struct EmptyResult: WireObject, MethodResult, Hashable {
    /// Done.
    public init() {}

    /// No members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) {}
}

/// The result of a method that has something sent: the one verdict `accepted`, and members beside it.
///
/// A conforming type shows its members as any ``WireObject``; the verdict is added here. It should have `reason` and
/// `replayed` among them.
public protocol AcceptedResult: WireObject, MethodResult, VerdictBearing {
    /// When this is the result.
    static var acceptedDoc: String { get }
    /// True in the answer to a repeat under the same `meta.idempotency_key`, for which nothing was sent; else nil.
    var replayed: Bool? { get set }
}

extension AcceptedResult {
    /// Always `accepted`.
    public var verdict: Verdict { .accepted }

    /// The same result, marked as that of an earlier call.
    public var asReplay: Self {
        var replay = self
        replay.replayed = true
        return replay
    }

    /// The members beside the verdict.
    public static var schema: Schema { .verdicts([VerdictSchema(.accepted, fields, doc: acceptedDoc)]) }

    /// Writes the verdict and the members.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("verdict", verdict.name)
        encodeMembers(to: &writer)
        writer.endObject()
    }
}

/// The result of a send that brings nothing back.
public struct SendResult: AcceptedResult, Hashable {
    /// Why nothing was sent after all, for callers whose rule says `Details=yes`.
    public var reason: String?
    /// True in the answer to a repeat, for which nothing was sent.
    public var replayed: Bool?

    /// All members blank.
    public init() {}

    /// A send that was taken on.
    public init(reason: String? = nil) { self.reason = reason }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.reason(&reason)
        try members.replayed(&replayed)
    }

    /// When this is the result.
    public static let acceptedDoc =
        "The message is on its way, if the user exists and can get it. The answer does not say whether."
}
