public import StrictJSON

/// `daemon.status`: what the agent is doing.
public enum DaemonStatus: AgentMethod {
    /// `daemon.status` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// The state of the whole agent.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The program's version.
        public var version: String
        /// The process id.
        public var pid: Int
        /// Seconds since the start.
        public var uptimeSeconds: Int
        /// `running`, or `draining` while it stops.
        public var state: String
        /// Whether any client talks to the emulator instead of Mosaic.
        public var emulated: Bool
        /// The sockets it listens on.
        public var sockets: [SocketStatus]
        /// Connections and calls at the moment.
        public var load: LoadStatus
        /// The configured Mosaic clients.
        public var clients: [ClientStatus]
        /// The queue of audit records.
        public var audit: AuditStatus
        /// Counts since the start, by name.
        public var counters: [String: Int]
        /// The configuration in force.
        public var configuration: ConfigurationStatus?
        /// How the units of callers are found out.
        public var callerUnits: CallerUnitsStatus?
        /// What holds back guesses and floods of messages.
        public var throttle: ThrottleStatus?

        /// The state of the whole agent.
        public init(
            version: String,
            pid: Int,
            uptimeSeconds: Int,
            state: String,
            emulated: Bool,
            sockets: [SocketStatus],
            load: LoadStatus,
            clients: [ClientStatus],
            audit: AuditStatus,
            counters: [String: Int],
            configuration: ConfigurationStatus? = nil,
            callerUnits: CallerUnitsStatus? = nil,
            throttle: ThrottleStatus? = nil
        ) {
            self.version = version
            self.pid = pid
            self.uptimeSeconds = uptimeSeconds
            self.state = state
            self.emulated = emulated
            self.sockets = sockets
            self.load = load
            self.clients = clients
            self.audit = audit
            self.counters = counters
            self.configuration = configuration
            self.callerUnits = callerUnits
            self.throttle = throttle
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("version", .anyText, doc: "The program's version."),
            .required("pid", .count, doc: "The process id."),
            .required("uptime_s", .count, doc: "Seconds since the start."),
            .required("state", .anyText, doc: "`running`, or `draining` while it stops."),
            .required("emulated", .boolean, doc: "Whether any client talks to the emulator instead of Mosaic."),
            .required(
                "sockets",
                .array(of: .object(SocketStatus.self), maximumCount: 16),
                doc: "The sockets it listens on."
            ),
            .required("load", .object(LoadStatus.self), doc: "Connections and calls at the moment."),
            .required(
                "clients",
                .array(of: .object(ClientStatus.self), maximumCount: 1024),
                doc: "The configured Mosaic clients."
            ),
            .required("audit", .object(AuditStatus.self), doc: "The queue of audit records."),
            .required(
                "counters",
                .map(of: .count),
                doc: "Counts since the start, by name; names may be added at any time."
            ),
            Field("configuration", .object(ConfigurationStatus.self), doc: "The configuration in force."),
            Field(
                "caller_units",
                .object(CallerUnitsStatus.self),
                doc: "How the systemd units of callers are found out."
            ),
            Field(
                "throttle",
                .object(ThrottleStatus.self),
                doc: "What holds back guesses and floods of messages; `throttle.list` tells which users and callers."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            version = try object.text("version")
            pid = try object.integer("pid", as: Int.self)
            uptimeSeconds = try object.integer("uptime_s", as: Int.self)
            state = try object.text("state")
            emulated = try object.boolean("emulated")
            sockets = try object.objects("sockets")
            load = try object.object("load")
            clients = try object.objects("clients")
            audit = try object.object("audit")
            counters = try object.counts("counters")
            configuration = try object.optionalObject("configuration")
            callerUnits = try object.optionalObject("caller_units")
            throttle = try object.optionalObject("throttle")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("version", version)
            writer.member("pid", pid)
            writer.member("uptime_s", uptimeSeconds)
            writer.member("state", state)
            writer.member("emulated", emulated)
            writer.member("sockets", sockets)
            writer.member("load", load)
            writer.member("clients", clients)
            writer.member("audit", audit)
            writer.member("counters", counters)
            writer.member("configuration", configuration)
            writer.member("caller_units", callerUnits)
            writer.member("throttle", throttle)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.status",
        sockets: [.control],
        summary:
            "Tells what the agent is doing: sockets, load, clients and their tokens, audit queue, throttle, counts.",
        doc: "Nothing in it is secret: of tokens it tells the age, of clients the id and the host they talk to.",
        requirement: .controlSocket
    )
}

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

extension DaemonStatus {
    /// The records of the throttle, and for how many there is room.
    public struct ThrottleStatus: CountsObject, Hashable {
        /// Users whose budget of attempts is used up.
        public var exhaustedTargets = 0
        /// Failed attempts that count.
        public var failures = 0
        /// The most of them.
        public var failuresCapacity = 0
        /// Messages sent that count.
        public var sends = 0
        /// The most of them.
        public var sendsCapacity = 0
        /// Callers who have had messages sent.
        public var callers = 0
        /// The most of them.
        public var callersCapacity = 0
        /// Records that had to make room for others since the start.
        public var evicted = 0

        /// No records, and no room for any.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<ThrottleStatus>] = [
            IntegerMember(
                "exhausted_targets",
                \.exhaustedTargets,
                "Users whose budget of attempts is used up at the moment, counted per application."
            ),
            IntegerMember("failures", \.failures, "Failed attempts that are remembered."),
            IntegerMember("failures_capacity", \.failuresCapacity, "The most of them."),
            IntegerMember("sends", \.sends, "Messages to users that are remembered."),
            IntegerMember("sends_capacity", \.sendsCapacity, "The most of them."),
            IntegerMember("callers", \.callers, "Callers whose messages to all users are counted."),
            IntegerMember("callers_capacity", \.callersCapacity, "The most of them."),
            IntegerMember(
                "evicted",
                \.evicted,
                "Records that had to make room for others, all since the start: the oldest of the caller who had most."
            ),
        ]
    }
}

extension DaemonStatus {
    /// How the units of callers are found out, for access rules and audit records.
    public struct CallerUnitsStatus: WireObject, Hashable {
        /// `peer_pidfd`, `pidfd` or `none`.
        public var method: String
        /// Why they are not, in one word.
        public var reason: String?

        /// The state of the look-ups.
        public init(method: String, reason: String? = nil) {
            self.method = method
            self.reason = reason
        }

        /// The schema of `caller_units`.
        public static let fields: [Field] = [
            .required(
                "method",
                .anyText,
                doc:
                    "`peer_pidfd` (the kernel names the caller's process for certain), `pidfd` (kernels before 6.5: the agent "
                    + "takes hold of it and checks when it began), or `none`: rules with `unit:` or `user_unit:` admit no caller."
            ),
            Field(
                "reason",
                .anyText,
                doc:
                    "Why the method is `none`: `process_hidden` (`ProtectProc=` of the agent's unit, on such a kernel), "
                    + "`no_process_descriptor`, `no_bus`, `time_out` or `systemd_error`."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            method = try object.text("method")
            reason = try object.optionalText("reason")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("method", method)
            writer.member("reason", reason)
        }
    }
}
