public import StrictJSON

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

        /// The schema of the parameters.
        public static let fields: [Field] = [
            Field("uid", .systemID, doc: "Only connections of this user id. Default: of all."),
            Field(
                "socket",
                .choice(sockets),
                doc: "Only those of this socket. Default: of all."
            ),
            Field(
                "after",
                .count,
                doc: "Only those with a greater `id`: goes on behind a `truncated` answer. Default: 0."
            ),
            Field("limit", .integer(1...Int64(maximumCount)), doc: "At most so many. Default: \(maximumCount)."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            uid = try object.optionalInteger("uid").map { UInt32(truncatingIfNeeded: $0) }
            socket = try object.optionalText("socket")
            after = try object.optionalInteger("after").map { UInt64($0) }
            limit = try object.optionalInteger("limit").map { Int($0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("uid", uid)
            writer.member("socket", socket)
            writer.member("after", after)
            writer.member("limit", limit)
        }
    }

    /// The connections, oldest first.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How many there are of those asked for, wherever `after` begins.
        public var total: Int
        /// Whether there are more behind the last one.
        public var truncated: Bool
        /// The connections, oldest first.
        public var connections: [Connection]

        /// The connections, oldest first.
        public init(total: Int, truncated: Bool, connections: [Connection]) {
            self.total = total
            self.truncated = truncated
            self.connections = connections
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required(
                "total",
                .count,
                doc: "How many connections there are of that user and socket, shown here or not."
            ),
            .required(
                "truncated",
                .boolean,
                doc: "Whether more follow: ask again with the last `id` as `after`."
            ),
            .required(
                "connections",
                .array(of: .object(Connection.self), maximumCount: Parameters.maximumCount),
                doc: "The connections, oldest first; the one that asks is among them."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            total = Int(try object.integer("total"))
            truncated = try object.boolean("truncated")
            connections = try object.objects("connections")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("total", total)
            writer.member("truncated", truncated)
            writer.member("connections", connections)
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
        public var id: UInt64
        /// The socket it came in on.
        public var socket: String
        /// The peer's user id.
        public var uid: UInt32
        /// The peer's group id.
        public var gid: UInt32
        /// The peer's process id; it may be another process's by now.
        public var pid: Int
        /// The peer's unit, where the agent has found it out.
        public var unit: String?
        /// Milliseconds since it was accepted.
        public var ageMilliseconds: Int
        /// Calls being worked on.
        public var callsInFlight: Int
        /// Calls that wait for a place.
        public var callsParked: Int
        /// Calls answered so far.
        public var callsAnswered: Int
        /// Bytes of answers that the peer has not read and the kernel has not taken.
        public var unreadBytes: Int
        /// Whether the agent reads from it at the moment.
        public var reading: Bool
        /// Whether it is the agent's own, to see whether it still answers.
        public var probe: Bool

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

        /// The schema of an element of `connections`.
        public static let fields: [Field] = [
            .required("id", .count, doc: "The connection's number; no other has had it since the agent started."),
            .required("socket", .anyText, doc: "`main`, `control` or `credential`."),
            .required("uid", .systemID, doc: "The peer's user id."),
            .required("gid", .systemID, doc: "The peer's group id."),
            .required("pid", .count, doc: "The peer's process id when it connected; may be another process's by now."),
            .required("age_ms", .count, doc: "Milliseconds since it was accepted."),
            .required("calls_in_flight", .count, doc: "Calls being worked on, watches among them."),
            .required("calls_parked", .count, doc: "Further calls that wait for a place."),
            .required("calls_answered", .count, doc: "Calls answered so far."),
            .required(
                "unread_bytes",
                .count,
                doc: "Bytes of answers in the agent's memory, because the peer does not read."
            ),
            .required(
                "reading",
                .boolean,
                doc: "Whether the agent reads from it; not while too many calls are parked."
            ),
            .required("probe", .boolean, doc: "Whether the agent itself is the peer, to see whether it still answers."),
            Field("unit", .anyText, doc: "The peer's systemd unit, where the agent has found it out."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            id = UInt64(try object.integer("id"))
            socket = try object.text("socket")
            uid = try object.integer("uid", as: UInt32.self)
            gid = try object.integer("gid", as: UInt32.self)
            pid = Int(try object.integer("pid"))
            unit = try object.optionalText("unit")
            ageMilliseconds = Int(try object.integer("age_ms"))
            callsInFlight = Int(try object.integer("calls_in_flight"))
            callsParked = Int(try object.integer("calls_parked"))
            callsAnswered = Int(try object.integer("calls_answered"))
            unreadBytes = Int(try object.integer("unread_bytes"))
            reading = try object.boolean("reading")
            probe = try object.boolean("probe")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("id", id)
            writer.member("socket", socket)
            writer.member("uid", uid)
            writer.member("gid", gid)
            writer.member("pid", pid)
            writer.member("age_ms", ageMilliseconds)
            writer.member("calls_in_flight", callsInFlight)
            writer.member("calls_parked", callsParked)
            writer.member("calls_answered", callsAnswered)
            writer.member("unread_bytes", unreadBytes)
            writer.member("reading", reading)
            writer.member("probe", probe)
            writer.member("unit", unit)
        }
    }
}
