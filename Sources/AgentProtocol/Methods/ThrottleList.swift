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

extension ThrottleList {
    /// The failed attempts on one user in one application.
    public struct Attempts: WireObject, Hashable {
        /// The user.
        public var target: TargetHash
        /// The configured clients of the application.
        public var clients: [String]
        /// Failures in the window, by all callers.
        public var failures: Int
        /// Answers of Mosaic in the window that decided nothing; nil for none.
        public var undecided: Int?
        /// Attempts whose answer has not been released yet.
        public var inFlight: Int
        /// Whether callers with a failure there are refused now.
        public var exhausted: Bool
        /// When they are not any more, if nothing else happens.
        public var retryAfterMilliseconds: Int?
        /// Who has failed.
        public var callers: [FailingCaller]
        /// How many have failed, shown here or not.
        public var callersTotal: Int

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

        /// The schema of an element of `attempts`.
        public static let fields: [Field] = [
            .targetHash, .clients,
            .required("failures", .count, doc: "Failures in the window, by all callers."),
            .required("in_flight", .count, doc: "Attempts whose answer has not been released yet."),
            .required(
                "exhausted",
                .boolean,
                doc: "Whether the budget is used up: who has failed there is refused, others are not."
            ),
            .required(
                "callers",
                .array(of: .object(FailingCaller.self), maximumCount: Parameters.maximumLimit),
                doc: "Who has failed."
            ),
            .required("callers_total", .count, doc: "How many have failed, shown here or not."),
            Field(
                "undecided",
                .count,
                doc:
                    "Answers of Mosaic in the window that decided nothing, if any: too many hold up the caller who got them."
            ),
            .retryAfter,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            target = try object.targetHash("target")
            clients = try object.texts("clients")
            failures = try object.integer("failures", as: Int.self)
            inFlight = try object.integer("in_flight", as: Int.self)
            exhausted = try object.boolean("exhausted")
            callers = try object.objects("callers")
            callersTotal = try object.integer("callers_total", as: Int.self)
            undecided = try object.optionalInteger("undecided", as: Int.self)
            retryAfterMilliseconds = try object.optionalInteger("retry_after_ms", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("target", target.description)
            writer.member("clients", clients)
            writer.member("failures", failures)
            writer.member("in_flight", inFlight)
            writer.member("exhausted", exhausted)
            writer.member("callers", callers)
            writer.member("callers_total", callersTotal)
            writer.member("undecided", undecided)
            writer.member("retry_after_ms", retryAfterMilliseconds)
        }
    }

    /// A caller whose attempts on a user have failed.
    public struct FailingCaller: WireObject, Hashable {
        /// Its user id.
        public var uid: UInt32
        /// Where the end user is, if the caller's rule says that its word counts for that.
        public var address: String?
        /// Failures in the window.
        public var failures: Int

        /// A caller whose attempts have failed.
        public init(uid: UInt32, address: String? = nil, failures: Int) {
            self.uid = uid
            self.address = address
            self.failures = failures
        }

        /// The schema of an element of `callers`.
        public static let fields: [Field] = [
            .uid, .required("failures", .count, doc: "Failures in the window."), .address,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            uid = try object.integer("uid", as: UInt32.self)
            address = try object.optionalText("address")
            failures = try object.integer("failures", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("uid", uid)
            writer.member("failures", failures)
            writer.member("address", address)
        }
    }

    /// The messages that one caller has had sent to one user of one application.
    public struct Sends: WireObject, Hashable {
        /// The user.
        public var target: TargetHash
        /// The configured clients of the application.
        public var clients: [String]
        /// The caller's user id.
        public var uid: UInt32
        /// Where the end user is, if the caller's rule says that its word counts for that.
        public var address: String?
        /// Messages in the window.
        public var count: Int
        /// When the caller may have the next one sent; nil for now.
        public var retryAfterMilliseconds: Int?

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

        /// The schema of an element of `sends`.
        public static let fields: [Field] = [
            .targetHash, .clients, .uid,
            .required("count", .count, doc: "Messages in the window, by all methods together."),
            .address, .retryAfter,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            target = try object.targetHash("target")
            clients = try object.texts("clients")
            uid = try object.integer("uid", as: UInt32.self)
            address = try object.optionalText("address")
            count = try object.integer("count", as: Int.self)
            retryAfterMilliseconds = try object.optionalInteger("retry_after_ms", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("target", target.description)
            writer.member("clients", clients)
            writer.member("uid", uid)
            writer.member("count", count)
            writer.member("address", address)
            writer.member("retry_after_ms", retryAfterMilliseconds)
        }
    }

    /// The messages that one caller has had sent to all users together.
    public struct CallerSends: WireObject, Hashable {
        /// The caller's user id.
        public var uid: UInt32
        /// How much of its budget is used; it comes back evenly.
        public var used: Int
        /// When the caller may have the next one sent; nil for now.
        public var retryAfterMilliseconds: Int?

        /// The messages of one caller.
        public init(uid: UInt32, used: Int, retryAfterMilliseconds: Int? = nil) {
            self.uid = uid
            self.used = used
            self.retryAfterMilliseconds = retryAfterMilliseconds
        }

        /// The schema of an element of `callers`.
        public static let fields: [Field] = [
            .uid,
            .required("used", .count, doc: "How much of `limits.caller_send_budget` is used; it comes back evenly."),
            .retryAfter,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            uid = try object.integer("uid", as: UInt32.self)
            used = try object.integer("used", as: Int.self)
            retryAfterMilliseconds = try object.optionalInteger("retry_after_ms", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("uid", uid)
            writer.member("used", used)
            writer.member("retry_after_ms", retryAfterMilliseconds)
        }
    }
}

extension Field {
    fileprivate static let clients = required(
        "clients",
        .array(of: .anyText, maximumCount: 1024),
        doc: "The configured clients of the application; none if there are none any more."
    )
    fileprivate static let uid = required("uid", .systemID, doc: "The caller's user id.")
    fileprivate static let address = Field(
        "address",
        .anyText,
        doc:
            "Where the end user is by the caller's word, with `TrustClientIP=yes`: an IPv4 address, or 64 bits of IPv6."
    )
    fileprivate static let retryAfter = Field(
        "retry_after_ms",
        .count,
        doc: "When a call passes again, if nothing else happens; missing where it would pass now."
    )
}

extension ThrottleList {
    /// The limits in force, from the section `[Daemon]` of the configuration.
    public struct Limits: CountsObject, Hashable {
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
        public static let members: [IntegerMember<Limits>] = [
            IntegerMember(
                "attempt_budget",
                \.attemptBudget,
                "Failures on one user, by all callers together, from which on who has failed is refused (`AttemptBudget=`)."
            ),
            IntegerMember("attempt_window_ms", \.attemptWindowMilliseconds, "How long one counts (`AttemptWindow=`)."),
            IntegerMember(
                "send_interval_ms",
                \.sendIntervalMilliseconds,
                "The time between two messages of one method and channel, of one caller to one user (`SendInterval=`)."
            ),
            IntegerMember("send_budget", \.sendBudget, "Messages of one caller to one user (`SendBudget=`)."),
            IntegerMember(
                "send_window_ms",
                \.sendWindowMilliseconds,
                "The time that both budgets of messages are for (`SendWindow=`)."
            ),
            IntegerMember(
                "caller_send_budget",
                \.callerSendBudget,
                "Messages of one caller to all users (`CallerSendBudget=`)."
            ),
        ]
    }

    /// How many entries of each list there are.
    public struct Totals: CountsObject, Hashable {
        /// Users with failed attempts or attempts in flight.
        public var attempts = 0
        /// Pairs of a caller and a user.
        public var sends = 0
        /// Callers.
        public var callers = 0

        /// No entries.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<Totals>] = [
            IntegerMember("attempts", \.attempts, "Entries of `attempts`."),
            IntegerMember("sends", \.sends, "Entries of `sends`."),
            IntegerMember("callers", \.callers, "Entries of `callers`."),
        ]
    }
}
