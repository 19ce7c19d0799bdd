/// `daemon.connections`: who is connected, and what they are doing.
public enum DaemonConnections: AgentMethod {
    /// Which connections.
    public struct Parameters: WireObject, Hashable {
        /// Only those of this user; nil means of all.
        public var uid: UInt32?
        /// Only those of this socket; nil means of all.
        public var socket: String?
        /// Only those with a greater number.
        public var after: UInt64?
        /// At most so many.
        public var limit: Int?

        /// All members blank.
        public init() {}

        /// Connections of a user, of a socket, or all of them.
        public init(uid: UInt32? = nil, socket: String? = nil, after: UInt64? = nil, limit: Int? = nil) {
            self.uid = uid
            self.socket = socket
            self.after = after
            self.limit = limit
        }

        /// The names of the sockets that there may be.
        public static let sockets = ["main", "control", "credential"]
        /// The most connections in one answer, and the default.
        public static let maximumCount = 4096

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional("uid", &uid, doc: "Only connections of this user id. Default: of all.")
            try members.optional(
                "socket",
                &socket,
                .choice(Self.sockets),
                doc: "Only those of this socket. Default: of all."
            )
            try members.optional(
                "after",
                &after,
                .count,
                doc: "Only those with a greater `id`: goes on behind a `truncated` answer. Default: 0."
            )
            try members.optional(
                "limit",
                &limit,
                .integer(1...Int64(Self.maximumCount)),
                doc: "At most so many. Default: \(Self.maximumCount)."
            )
        }
    }

    /// The connections, oldest first.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How many there are of those asked for, wherever `after` begins.
        public var total = 0
        /// Whether there are more behind the last one.
        public var truncated = false
        /// The connections, oldest first.
        public var connections: [Connection] = []

        /// All members blank.
        public init() {}

        /// The connections, oldest first.
        public init(total: Int, truncated: Bool, connections: [Connection]) {
            self.total = total
            self.truncated = truncated
            self.connections = connections
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "total",
                &total,
                doc: "How many connections there are of that user and socket, shown here or not."
            )
            try members.required(
                "truncated",
                &truncated,
                doc: "Whether more follow: ask again with the last `id` as `after`."
            )
            try members.required(
                "connections",
                &connections,
                .array(of: .object(Connection.self), maximumCount: Parameters.maximumCount),
                doc: "The connections, oldest first; the one that asks is among them."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.connections",
        sockets: [.control],
        summary: "Lists the open connections of all sockets.",
        doc: """
            Who is at the other end is told by the kernel and is as it was when the connection was made. A connection that has \
            calls parked, or that is not read, has more calls in flight than the agent works on at once; one with unread \
            bytes does not take its answers.
            """,
        requirement: .controlSocket
    )
}

extension DaemonConnections {
    /// One open connection.
    public struct Connection: WireObject, Hashable {
        /// Its number, which no other connection has had since the start.
        public var id: UInt64 = 0
        /// The socket it came in on.
        public var socket = ""
        /// The peer's user id.
        public var uid: UInt32 = 0
        /// The peer's group id.
        public var gid: UInt32 = 0
        /// The peer's process id; it may be another process's by now.
        public var pid = 0
        /// The peer's unit, where the agent has found it out.
        public var unit: String?
        /// Milliseconds since it was accepted.
        public var ageMilliseconds = 0
        /// Calls being worked on.
        public var callsInFlight = 0
        /// Calls that wait for a place.
        public var callsParked = 0
        /// Calls answered so far.
        public var callsAnswered = 0
        /// Bytes of answers that the peer has not read and the kernel has not taken.
        public var unreadBytes = 0
        /// Whether the agent reads from it at the moment.
        public var reading = false
        /// Whether it is the agent's own, to see whether it still answers.
        public var probe = false

        /// All members blank.
        public init() {}

        /// A connection that nothing has happened on yet.
        public init(id: UInt64, socket: String, uid: UInt32, gid: UInt32, pid: Int, unit: String? = nil) {
            self.id = id
            self.socket = socket
            self.uid = uid
            self.gid = gid
            self.pid = pid
            self.unit = unit
            ageMilliseconds = 0
            callsInFlight = 0
            callsParked = 0
            callsAnswered = 0
            unreadBytes = 0
            reading = true
            probe = false
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "id",
                &id,
                .count,
                doc: "The connection's number; no other has had it since the agent started."
            )
            try members.required("socket", &socket, doc: "`main`, `control` or `credential`.")
            try members.required("uid", &uid, doc: "The peer's user id.")
            try members.required("gid", &gid, doc: "The peer's group id.")
            try members.required(
                "pid",
                &pid,
                doc: "The peer's process id when it connected; may be another process's by now."
            )
            try members.required("age_ms", &ageMilliseconds, doc: "Milliseconds since it was accepted.")
            try members.required("calls_in_flight", &callsInFlight, doc: "Calls being worked on, watches among them.")
            try members.required("calls_parked", &callsParked, doc: "Further calls that wait for a place.")
            try members.required("calls_answered", &callsAnswered, doc: "Calls answered so far.")
            try members.required(
                "unread_bytes",
                &unreadBytes,
                doc: "Bytes of answers in the agent's memory, because the peer does not read."
            )
            try members.required(
                "reading",
                &reading,
                doc: "Whether the agent reads from it; not while too many calls are parked."
            )
            try members.required(
                "probe",
                &probe,
                doc: "Whether the agent itself is the peer, to see whether it still answers."
            )
            try members.optional("unit", &unit, doc: "The peer's systemd unit, where the agent has found it out.")
        }
    }
}
