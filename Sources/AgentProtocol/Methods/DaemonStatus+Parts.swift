public import StrictJSON

extension DaemonStatus {
    /// A socket that the agent listens on.
    public struct SocketStatus: WireObject, Hashable {
        /// `main`, `control`, or `credential` where there is that one.
        public var name: String
        /// The path it is bound to.
        public var path: String
        /// `systemd` when the service manager handed it over, `own` when the agent bound it.
        public var source: String
        /// Connections that are open.
        public var connections: Int

        /// A socket.
        public init(name: String, path: String, source: String, connections: Int) {
            self.name = name
            self.path = path
            self.source = source
            self.connections = connections
        }

        /// The schema of an element of `sockets`.
        public static let fields: [Field] = [
            .required("name", .anyText, doc: "`main`, `control`, or `credential` where there is that one."),
            .required("path", .anyText, doc: "The path it is bound to."),
            .required(
                "source",
                .anyText,
                doc: "`systemd` when the service manager handed it over, `own` when the agent bound it."
            ),
            .required("connections", .count, doc: "Connections that are open."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            name = try object.text("name")
            path = try object.text("path")
            source = try object.text("source")
            connections = try object.integer("connections", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("name", name)
            writer.member("path", path)
            writer.member("source", source)
            writer.member("connections", connections)
        }
    }

    /// Connections and calls at the moment.
    public struct LoadStatus: CountsObject, Hashable {
        /// Connections that are open, on both sockets.
        public var connections = 0
        /// The most that may be open.
        public var maximumConnections = 0
        /// Calls that are worked on.
        public var callsInFlight = 0
        /// Calls that wait for a place.
        public var callsParked = 0

        /// Nothing going on.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<LoadStatus>] = [
            IntegerMember("connections", \.connections, "Connections that are open, on both sockets."),
            IntegerMember("maximum_connections", \.maximumConnections, "The most that may be open."),
            IntegerMember("calls_in_flight", \.callsInFlight, "Calls that are worked on."),
            IntegerMember("calls_parked", \.callsParked, "Calls that wait for a place."),
        ]
    }

    /// The queue of audit records.
    public struct AuditStatus: WireObject, Hashable {
        /// Where records go: `journal`, `stderr` or `none`.
        public var sink: String
        /// What happens when the queue is full: `refuse` or `drop`.
        public var whenFull: String
        /// Records that wait to be written.
        public var queued: Int
        /// The most that may wait.
        public var capacity: Int
        /// Records written since the start.
        public var written: Int
        /// Records lost since the start.
        public var dropped: Int
        /// Calls without effect that were counted in a summary since the start, instead of being recorded one by one.
        public var summed: Int
        /// Why records cannot be written now; nil while they can.
        public var failure: String?

        /// The state of the queue.
        public init(
            sink: String,
            whenFull: String,
            queued: Int,
            capacity: Int,
            written: Int,
            dropped: Int,
            summed: Int = 0,
            failure: String? = nil
        ) {
            self.sink = sink
            self.whenFull = whenFull
            self.queued = queued
            self.capacity = capacity
            self.written = written
            self.dropped = dropped
            self.summed = summed
            self.failure = failure
        }

        /// The schema of `audit`.
        public static let fields: [Field] = [
            .required("sink", .anyText, doc: "Where records go: `journal`, `stderr` or `none`."),
            .required("when_full", .anyText, doc: "What happens when the queue is full: `refuse` or `drop`."),
            .required("queued", .count, doc: "Records that wait to be written."),
            .required("capacity", .count, doc: "The most that may wait."),
            .required("written", .count, doc: "Records written since the start."),
            .required("dropped", .count, doc: "Records lost since the start."),
            Field(
                "summed",
                .count,
                doc:
                    "Calls without effect since the start that were counted in a summary instead of being recorded one by one."
            ),
            Field("failure", .anyText, doc: "Why records cannot be written now; absent while they can."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            sink = try object.text("sink")
            whenFull = try object.text("when_full")
            queued = try object.integer("queued", as: Int.self)
            capacity = try object.integer("capacity", as: Int.self)
            written = try object.integer("written", as: Int.self)
            dropped = try object.integer("dropped", as: Int.self)
            summed = try object.optionalInteger("summed", as: Int.self) ?? 0
            failure = try object.optionalText("failure")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("sink", sink)
            writer.member("when_full", whenFull)
            writer.member("queued", queued)
            writer.member("capacity", capacity)
            writer.member("written", written)
            writer.member("dropped", dropped)
            writer.member("summed", summed)
            writer.member("failure", failure)
        }
    }
}
