public import StrictJSON

/// `throttle.clear`: forget failed attempts and sends, so that the users and callers they hold up can go on.
public enum ThrottleClear: AgentMethod {
    /// What to forget.
    public struct Parameters: WireObject, Hashable {
        /// What to forget.
        public var scope: Scope

        /// Forgets what `scope` says.
        public init(_ scope: Scope) { self.scope = scope }

        /// The schema of the parameters.
        public static let fields: [Field] =
            ThrottleSubject.fields("Forget what is") + [
                Field("all", .boolean, doc: "`true`: forget all users and all callers.")
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            let subject = try ThrottleSubject.read(from: object)
            switch (subject, try object.optionalBoolean("all")) {
            case (let subject?, nil): scope = .only(subject)
            case (nil, true?): scope = .everything
            case (let subject?, true?): throw SchemaViolation(.only("without \(subject.name)"), at: "all")
            case (_, false?): throw SchemaViolation(.form("be true, or not be there"), at: "all")
            case (nil, nil): throw SchemaViolation(.oneOf(["value", "target", "uid", "all"]))
            }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            switch scope {
            case .only(let subject): subject.encodeMembers(to: &writer)
            case .everything: writer.member("all", true)
            }
        }
    }

    /// How much to forget.
    public enum Scope: Hashable, Sendable {
        /// What is about a user, or of a caller.
        case only(ThrottleSubject)
        /// All users and all callers.
        case everything
    }

    /// How many records there were.
    public struct Result: CountsObject, MethodResult, Hashable {
        /// Failed attempts, and those that Mosaic answered without deciding anything.
        public var failures = 0
        /// Messages sent.
        public var sends = 0
        /// Callers whose budget for all users was used in part.
        public var callers = 0

        /// No records.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<Result>] = [
            IntegerMember("failures", \.failures, "Attempts that are forgotten: failed ones, and undecided ones."),
            IntegerMember("sends", \.sends, "Messages that are forgotten."),
            IntegerMember(
                "callers",
                \.callers,
                "Callers whose whole budget of messages is theirs again; none where a user is named."
            ),
        ]
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "throttle.clear",
        sockets: [.control],
        summary: "Forgets failed attempts and sends, so that the users and callers they hold up can go on.",
        doc: """
            Exactly one of `value` (with `kind`), `target`, `uid` and `all` says what is forgotten. That there was nothing is \
            no error. Attempts in flight stay, and count when they fail; those that wait are decided anew. It does not end a lockout at \
            Mosaic. The record of the call has the user as `MOSAIC_TARGET`, by `value` or `target`, and how it was chosen as \
            `MOSAIC_REASON`: `user`, `target`, `uid_1000`, `all`.
            """,
        requirement: .controlSocket,
        target: .typed(value: "value", kind: "kind", defaultKind: nil),
        choice: .exactlyOne(ThrottleSubject.choices + [["all"]])
    )
}

/// Whose records of the throttle are meant: those about one user, or those of one caller.
public enum ThrottleSubject: Hashable, Sendable {
    /// The user that calls name so, in any application.
    case user(Target)
    /// The same, named by the hash that the audit trail and `throttle.list` show.
    case target(TargetHash)
    /// The caller with this user id, at whatever address.
    case caller(UInt32)

    /// The parameters that go together; at most one of these groups is given.
    static let choices = [["kind", "value"], ["target"], ["uid"]]

    /// The members that say it.
    ///
    /// - Parameter what: what is done with the records, as the beginning of a sentence.
    static func fields(_ what: String) -> [Field] {
        [
            Field(
                "kind",
                .text(1...256),
                doc: """
                    The kind of identifier in `value`, as the calls had it: `username`, `email`, `phone_number`, `user_id`, \
                    `external_user_id`, or a type of the application's own.
                    """
            ),
            Field(
                "value",
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: """
                    \(what) about the user that calls name so, in any case of ASCII letters, and in any spelling of \
                    the digits of a `phone_number`. Given with `kind`, or not at all.
                    """
            ),
            Field(
                "target",
                .formed(.targetHash, 32...32),
                doc:
                    "\(what) about the user with this hash, as in `MOSAIC_TARGET` and in the answer of `throttle.list`."
            ),
            Field("uid", .systemID, doc: "\(what) of callers with this user id."),
        ]
    }

    /// Takes the members; nil when none of them is there.
    ///
    /// - Throws: when there is more than one, or only half of the first.
    static func read(from object: ObjectReader) throws(SchemaViolation) -> ThrottleSubject? {
        var found: [ThrottleSubject] = []
        switch (try object.optionalText("kind"), try object.optionalIdentifier("value")) {
        case (let kind?, let value?): found.append(.user(Target(kind: IdentifierKind(kind), identifier: value)))
        case (_?, nil): throw SchemaViolation(.missing, at: "value")
        case (nil, _?): throw SchemaViolation(.missing, at: "kind")
        case (nil, nil): break
        }
        if let hash = try object.optionalTargetHash("target") { found.append(.target(hash)) }
        if let uid = try object.optionalInteger("uid", as: UInt32.self) { found.append(.caller(uid)) }
        if found.count > 1, let first = found.first, let last = found.last {
            throw SchemaViolation(.only("without \(first.name)"), at: last.name)
        }
        return found.first
    }

    /// The member that says it; of `kind` and `value` the latter, which holds the user.
    var name: String {
        switch self {
        case .user: "value"
        case .target: "target"
        case .caller: "uid"
        }
    }

    /// Writes the members.
    func encodeMembers(to writer: inout JSONWriter) {
        switch self {
        case .user(let target):
            writer.member("kind", target.kind.name)
            writer.member("value", target.identifier)
        case .target(let hash): writer.member("target", hash.description)
        case .caller(let uid): writer.member("uid", uid)
        }
    }
}
