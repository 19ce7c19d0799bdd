public import StrictJSON

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
