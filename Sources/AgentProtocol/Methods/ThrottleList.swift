public import StrictJSON

/// `throttle.list`: whose budgets of attempts and sends are used, by which callers, and when there is room again.
public enum ThrottleList: AgentMethod {
    /// What to show.
    public struct Parameters: WireObject, Hashable {
        /// Only what is about this user or of this caller; nil for all.
        public var subject: ThrottleSubject?
        /// At most so many entries of each list.
        public var limit: Int?

        /// The records about `subject`, or all of them.
        public init(_ subject: ThrottleSubject? = nil, limit: Int? = nil) {
            self.subject = subject
            self.limit = limit
        }

        /// The most entries of each list in one answer.
        public static let maximumLimit = 1000
        /// How many there are of each where no limit is given.
        public static let defaultLimit = 100

        /// The schema of the parameters.
        public static let fields: [Field] =
            ThrottleSubject.fields("Only what is") + [
                Field(
                    "limit",
                    .integer(1...Int64(maximumLimit)),
                    doc:
                        "At most so many entries of each list, and so many callers of each target. Default: \(defaultLimit)."
                )
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            subject = try ThrottleSubject.read(from: object)
            limit = try object.optionalInteger("limit", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            subject?.encodeMembers(to: &writer)
            writer.member("limit", limit)
        }
    }

    /// What the throttle remembers.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The limits in force.
        public var limits: Limits
        /// Failed attempts, by the user that they were about.
        public var attempts: [Attempts]
        /// Messages sent, by caller and user.
        public var sends: [Sends]
        /// Messages sent, by caller.
        public var callers: [CallerSends]
        /// How many entries there are, shown here or not.
        public var totals: Totals
        /// Records that had to make room for others since the start.
        public var evicted: Int

        /// What the throttle remembers.
        public init(
            limits: Limits,
            attempts: [Attempts] = [],
            sends: [Sends] = [],
            callers: [CallerSends] = [],
            totals: Totals = Totals(),
            evicted: Int = 0
        ) {
            self.limits = limits
            self.attempts = attempts
            self.sends = sends
            self.callers = callers
            self.totals = totals
            self.evicted = evicted
        }

        /// Whether there are entries that are not shown.
        public var isCut: Bool {
            attempts.count < totals.attempts || sends.count < totals.sends || callers.count < totals.callers
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("limits", .object(Limits.self), doc: "The limits in force."),
            list(
                "attempts",
                Attempts.self,
                doc: """
                    Users with failed attempts or attempts in flight: those whose budget is used up first, then the \
                    newest failure first.
                    """
            ),
            list(
                "sends",
                Sends.self,
                doc: "Messages of callers to users: who has to wait longest first, then the newest."
            ),
            list(
                "callers",
                CallerSends.self,
                doc: "Messages of callers to anybody: who has to wait longest first, then the most."
            ),
            .required(
                "totals",
                .object(Totals.self),
                doc:
                    "How many entries of each list there are of those asked for: more than are shown if the list is cut."
            ),
            .required(
                "evicted",
                .count,
                doc: """
                    Records that have had to make room for others since the agent started: what is missing here for want of \
                    memory.
                    """
            ),
        ]

        private static func list<T: WireObject>(_ name: String, _ type: T.Type, doc: String) -> Field {
            .required(name, .array(of: .object(type), maximumCount: Parameters.maximumLimit), doc: doc)
        }

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            limits = try object.object("limits")
            attempts = try object.objects("attempts")
            sends = try object.objects("sends")
            callers = try object.objects("callers")
            totals = try object.object("totals")
            evicted = try object.integer("evicted", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("limits", limits)
            writer.member("attempts", attempts)
            writer.member("sends", sends)
            writer.member("callers", callers)
            writer.member("totals", totals)
            writer.member("evicted", evicted)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "throttle.list",
        sockets: [.control],
        summary: "Tells whose budgets of attempts and sends are used, by which callers, and when there is room again.",
        doc: """
            Users are told by their hash, as the audit trail has it (`daemon.target_hash`); at most one of `value` (with \
            `kind`), `target` and `uid` chooses whose records are told. An answer has at most two mebibytes; `totals` tells \
            what is left out of it. The record of this call names no user.
            """,
        requirement: .controlSocket,
        choice: .atMostOne(ThrottleSubject.choices)
    )
}
