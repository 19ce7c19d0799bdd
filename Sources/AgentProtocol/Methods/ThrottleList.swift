/// `throttle.list`: whose budgets of attempts and sends are used, by which callers, and when there is room again.
public enum ThrottleList: AgentMethod {
    /// What to show.
    public struct Parameters: WireObject, Hashable {
        private var chosen = ThrottleSubject.Members()
        /// At most so many entries of each list.
        public var limit: Int?

        /// All members blank.
        public init() {}

        /// The records about `subject`, or all of them.
        public init(_ subject: ThrottleSubject? = nil, limit: Int? = nil) {
            chosen = ThrottleSubject.Members(subject)
            self.limit = limit
        }

        /// Only what is about this user or of this caller; nil for all.
        public var subject: ThrottleSubject? { chosen.subject }

        /// The most entries of each list in one answer.
        public static let maximumLimit = 1000
        /// How many there are of each where no limit is given.
        public static let defaultLimit = 100

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try chosen.visit(&members, "Only what is")
            try members.optional(
                "limit",
                &limit,
                .integer(1...Int64(Self.maximumLimit)),
                doc:
                    "At most so many entries of each list, and so many callers of each target. Default: \(Self.defaultLimit)."
            )
        }

        /// Checks that no more than one subject is named.
        public func checkMembers() throws(SchemaViolation) { try chosen.checkMembers() }
    }

    /// What the throttle remembers.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The limits in force.
        public var limits = Limits()
        /// Failed attempts, by the user that they were about.
        public var attempts: [Attempts] = []
        /// Messages sent, by caller and user.
        public var sends: [Sends] = []
        /// Messages sent, by caller.
        public var callers: [CallerSends] = []
        /// How many entries there are, shown here or not.
        public var totals = Totals()
        /// Records that had to make room for others since the start.
        public var evicted = 0

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("limits", &limits, doc: "The limits in force.")
            try members.required(
                "attempts",
                &attempts,
                Self.list(of: Attempts.self),
                doc: """
                    Users with failed attempts or attempts in flight: those whose budget is used up first, then the \
                    newest failure first.
                    """
            )
            try members.required(
                "sends",
                &sends,
                Self.list(of: Sends.self),
                doc: "Messages of callers to users: who has to wait longest first, then the newest."
            )
            try members.required(
                "callers",
                &callers,
                Self.list(of: CallerSends.self),
                doc: "Messages of callers to anybody: who has to wait longest first, then the most."
            )
            try members.required(
                "totals",
                &totals,
                doc:
                    "How many entries of each list there are of those asked for: more than are shown if the list is cut."
            )
            try members.required(
                "evicted",
                &evicted,
                doc: """
                    Records that have had to make room for others since the agent started: what is missing here for want of \
                    memory.
                    """
            )
        }

        private static func list<Element: WireObject>(of type: Element.Type) -> Schema {
            .array(of: .object(type), maximumCount: Parameters.maximumLimit)
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

extension ThrottleList {
    /// The failed attempts on one user in one application.
    public struct Attempts: WireObject, Hashable {
        /// The user.
        public var target = TargetHash()
        /// The configured clients of the application.
        public var clients: [String] = []
        /// Failures in the window, by all callers.
        public var failures = 0
        /// Answers of Mosaic in the window that decided nothing; nil for none.
        public var undecided: Int?
        /// Attempts whose answer has not been released yet.
        public var inFlight = 0
        /// Whether callers with a failure there are refused now.
        public var exhausted = false
        /// When they are not any more, if nothing else happens.
        public var retryAfterMilliseconds: Int?
        /// Who has failed.
        public var callers: [FailingCaller] = []
        /// How many have failed, shown here or not.
        public var callersTotal = 0

        /// All members blank.
        public init() {}

        /// The failed attempts on one user.
        public init(
            target: TargetHash,
            clients: [String],
            failures: Int,
            undecided: Int? = nil,
            inFlight: Int = 0,
            exhausted: Bool = false,
            retryAfterMilliseconds: Int? = nil,
            callers: [FailingCaller] = [],
            callersTotal: Int? = nil
        ) {
            self.target = target
            self.clients = clients
            self.failures = failures
            self.undecided = undecided
            self.inFlight = inFlight
            self.exhausted = exhausted
            self.retryAfterMilliseconds = retryAfterMilliseconds
            self.callers = callers
            self.callersTotal = callersTotal ?? callers.count
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "target",
                &target,
                doc: "The hash of the user: `MOSAIC_TARGET`, unless audit records have users as they are."
            )
            try members.clients(&clients)
            try members.required("failures", &failures, doc: "Failures in the window, by all callers.")
            try members.required("in_flight", &inFlight, doc: "Attempts whose answer has not been released yet.")
            try members.required(
                "exhausted",
                &exhausted,
                doc: "Whether the budget is used up: who has failed there is refused, others are not."
            )
            try members.required(
                "callers",
                &callers,
                .array(of: .object(FailingCaller.self), maximumCount: Parameters.maximumLimit),
                doc: "Who has failed."
            )
            try members.required("callers_total", &callersTotal, doc: "How many have failed, shown here or not.")
            try members.optional(
                "undecided",
                &undecided,
                doc:
                    "Answers of Mosaic in the window that decided nothing, if any: too many hold up the caller who got them."
            )
            try members.retryAfter(&retryAfterMilliseconds)
        }
    }

    /// A caller whose attempts on a user have failed.
    public struct FailingCaller: WireObject, Hashable {
        /// Its user id.
        public var uid: UInt32 = 0
        /// Where the end user is, if the caller's rule says that its word counts for that.
        public var address: String?
        /// Failures in the window.
        public var failures = 0

        /// All members blank.
        public init() {}

        /// A caller whose attempts have failed.
        public init(uid: UInt32, address: String? = nil, failures: Int) {
            self.uid = uid
            self.address = address
            self.failures = failures
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.uid(&uid)
            try members.required("failures", &failures, doc: "Failures in the window.")
            try members.address(&address)
        }
    }

    /// The messages that one caller has had sent to one user of one application.
    public struct Sends: WireObject, Hashable {
        /// The user.
        public var target = TargetHash()
        /// The configured clients of the application.
        public var clients: [String] = []
        /// The caller's user id.
        public var uid: UInt32 = 0
        /// Where the end user is, if the caller's rule says that its word counts for that.
        public var address: String?
        /// Messages in the window.
        public var count = 0
        /// When the caller may have the next one sent; nil for now.
        public var retryAfterMilliseconds: Int?

        /// All members blank.
        public init() {}

        /// The messages to one user.
        public init(
            target: TargetHash,
            clients: [String],
            uid: UInt32,
            address: String? = nil,
            count: Int,
            retryAfterMilliseconds: Int? = nil
        ) {
            self.target = target
            self.clients = clients
            self.uid = uid
            self.address = address
            self.count = count
            self.retryAfterMilliseconds = retryAfterMilliseconds
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "target",
                &target,
                doc: "The hash of the user: `MOSAIC_TARGET`, unless audit records have users as they are."
            )
            try members.clients(&clients)
            try members.uid(&uid)
            try members.required("count", &count, doc: "Messages in the window, by all methods together.")
            try members.address(&address)
            try members.retryAfter(&retryAfterMilliseconds)
        }
    }

    /// The messages that one caller has had sent to all users together.
    public struct CallerSends: WireObject, Hashable {
        /// The caller's user id.
        public var uid: UInt32 = 0
        /// How much of its budget is used; it comes back evenly.
        public var used = 0
        /// When the caller may have the next one sent; nil for now.
        public var retryAfterMilliseconds: Int?

        /// All members blank.
        public init() {}

        /// The messages of one caller.
        public init(uid: UInt32, used: Int, retryAfterMilliseconds: Int? = nil) {
            self.uid = uid
            self.used = used
            self.retryAfterMilliseconds = retryAfterMilliseconds
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.uid(&uid)
            try members.required(
                "used",
                &used,
                doc: "How much of `limits.caller_send_budget` is used; it comes back evenly."
            )
            try members.retryAfter(&retryAfterMilliseconds)
        }
    }
}

extension MemberVisitor {
    fileprivate mutating func clients(_ value: inout [String]) throws(Failure) {
        try required(
            "clients",
            &value,
            .array(of: .anyText, maximumCount: 1024),
            doc: "The configured clients of the application; none if there are none any more."
        )
    }
    fileprivate mutating func uid(_ value: inout UInt32) throws(Failure) {
        try required("uid", &value, doc: "The caller's user id.")
    }
    fileprivate mutating func address(_ value: inout String?) throws(Failure) {
        try optional(
            "address",
            &value,
            doc:
                "Where the end user is by the caller's word, with `TrustClientIP=yes`: an IPv4 address, or 64 bits of IPv6."
        )
    }
    fileprivate mutating func retryAfter(_ value: inout Int?) throws(Failure) {
        try optional(
            "retry_after_ms",
            &value,
            doc: "When a call passes again, if nothing else happens; missing where it would pass now."
        )
    }
}

extension ThrottleList {
    /// The limits in force, from the section `[Daemon]` of the configuration.
    public struct Limits: WireObject, Hashable {
        /// Failures on one user, by all callers together, from which on who has failed is refused.
        public var attemptBudget = 0
        /// How long a failure counts.
        public var attemptWindowMilliseconds = 0
        /// The time between two messages of one caller to one user.
        public var sendIntervalMilliseconds = 0
        /// Messages of one caller to one user in the window.
        public var sendBudget = 0
        /// The window of both budgets of messages.
        public var sendWindowMilliseconds = 0
        /// Messages of one caller to all users in the window.
        public var callerSendBudget = 0

        /// Limits that let nothing pass.
        public init() {}

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "attempt_budget",
                &attemptBudget,
                doc:
                    "Failures on one user, by all callers together, from which on who has failed is refused (`AttemptBudget=`)."
            )
            try members.required(
                "attempt_window_ms",
                &attemptWindowMilliseconds,
                doc: "How long one counts (`AttemptWindow=`)."
            )
            try members.required(
                "send_interval_ms",
                &sendIntervalMilliseconds,
                doc:
                    "The time between two messages of one method and channel, of one caller to one user (`SendInterval=`)."
            )
            try members.required("send_budget", &sendBudget, doc: "Messages of one caller to one user (`SendBudget=`).")
            try members.required(
                "send_window_ms",
                &sendWindowMilliseconds,
                doc: "The time that both budgets of messages are for (`SendWindow=`)."
            )
            try members.required(
                "caller_send_budget",
                &callerSendBudget,
                doc: "Messages of one caller to all users (`CallerSendBudget=`)."
            )
        }
    }

    /// How many entries of each list there are.
    public struct Totals: WireObject, Hashable {
        /// Users with failed attempts or attempts in flight.
        public var attempts = 0
        /// Pairs of a caller and a user.
        public var sends = 0
        /// Callers.
        public var callers = 0

        /// No entries.
        public init() {}

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("attempts", &attempts, doc: "Entries of `attempts`.")
            try members.required("sends", &sends, doc: "Entries of `sends`.")
            try members.required("callers", &callers, doc: "Entries of `callers`.")
        }
    }
}
