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
