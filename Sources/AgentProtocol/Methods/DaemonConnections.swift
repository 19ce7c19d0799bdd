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
