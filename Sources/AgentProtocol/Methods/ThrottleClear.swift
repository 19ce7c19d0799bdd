/// `throttle.clear`: forget failed attempts and sends, so that the users and callers they hold up can go on.
public enum ThrottleClear: AgentMethod {
    /// What to forget.
    public struct Parameters: WireObject, Hashable {
        private var chosen = ThrottleSubject.Members()
        private var all: Bool?

        /// All members blank.
        public init() {}

        /// Forgets what `scope` says.
        public init(_ scope: Scope) {
            switch scope {
            case .only(let subject): chosen = ThrottleSubject.Members(subject)
            case .everything: all = true
            }
        }

        /// What to forget; nil while the members do not say it.
        public var scope: Scope? { all == true ? .everything : chosen.subject.map { .only($0) } }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try chosen.visit(&members, "Forget what is")
            try members.optional("all", &all, doc: "`true`: forget all users and all callers.")
        }

        /// Checks that exactly one thing is said.
        public func checkMembers() throws(SchemaViolation) {
            try chosen.checkMembers()
            switch (chosen.subject, all) {
            case (_?, nil), (nil, true?): break
            case (let subject?, true?): throw SchemaViolation(.only("without \(subject.name)"), at: "all")
            case (_, false?): throw SchemaViolation(.form("be true, or not be there"), at: "all")
            case (nil, nil): throw SchemaViolation(.oneOf(["value", "target", "uid", "all"]))
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
    public struct Result: WireObject, MethodResult, Hashable {
        /// Failed attempts, and those that Mosaic answered without deciding anything.
        public var failures = 0
        /// Messages sent.
        public var sends = 0
        /// Callers whose budget for all users was used in part.
        public var callers = 0

        /// No records.
        public init() {}

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "failures",
                &failures,
                doc: "Attempts that are forgotten: failed ones, and undecided ones."
            )
            try members.required("sends", &sends, doc: "Messages that are forgotten.")
            try members.required(
                "callers",
                &callers,
                doc: "Callers whose whole budget of messages is theirs again; none where a user is named."
            )
        }
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

    /// The member that says it; of `kind` and `value` the latter, which holds the user.
    var name: String {
        switch self {
        case .user: "value"
        case .target: "target"
        case .caller: "uid"
        }
    }

    /// The members that say it, at most one of the groups in ``choices``.
    struct Members: Hashable, Sendable {
        private var kind: IdentifierKind?
        private var value: Identifier?
        private var target: TargetHash?
        private var uid: UInt32?

        init(_ subject: ThrottleSubject? = nil) {
            switch subject {
            case .user(let user): (kind, value) = (user.kind, user.identifier)
            case .target(let hash): target = hash
            case .caller(let uid): self.uid = uid
            case nil: break
            }
        }

        /// The first that is said; nil when nothing is.
        var subject: ThrottleSubject? { subjects.first }

        private var subjects: [ThrottleSubject] {
            var found: [ThrottleSubject] = []
            if let kind, let value { found.append(.user(Target(kind: kind, identifier: value))) }
            if let target { found.append(.target(target)) }
            if let uid { found.append(.caller(uid)) }
            return found
        }

        /// Shows the members.
        ///
        /// - Parameter what: what is done with the records, as the beginning of a sentence.
        mutating func visit<V: MemberVisitor>(_ members: inout V, _ what: String) throws(V.Failure) {
            try members.optional(
                "kind",
                &kind,
                .text(1...256),
                doc: """
                    The kind of identifier in `value`, as the calls had it: `username`, `email`, `phone_number`, `user_id`, \
                    `external_user_id`, or a type of the application's own.
                    """
            )
            try members.optional(
                "value",
                &value,
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: """
                    \(what) about the user that calls name so, in any case of ASCII letters, and in any spelling of \
                    the digits of a `phone_number`. Given with `kind`, or not at all.
                    """
            )
            try members.optional(
                "target",
                &target,
                doc:
                    "\(what) about the user with this hash, as in `MOSAIC_TARGET` and in the answer of `throttle.list`."
            )
            try members.optional("uid", &uid, doc: "\(what) of callers with this user id.")
        }

        /// Checks that no more than one is said, and that one wholly.
        func checkMembers() throws(SchemaViolation) {
            if kind != nil, value == nil { throw SchemaViolation(.missing, at: "value") }
            if kind == nil, value != nil { throw SchemaViolation(.missing, at: "kind") }
            if subjects.count > 1, let first = subjects.first, let last = subjects.last {
                throw SchemaViolation(.only("without \(first.name)"), at: last.name)
            }
        }
    }
}
