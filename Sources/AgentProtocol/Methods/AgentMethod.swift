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

extension MethodResult where Self: WireObject {
    /// An object with the fields of the type.
    public static var schema: Schema { .object(Self.self) }
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
