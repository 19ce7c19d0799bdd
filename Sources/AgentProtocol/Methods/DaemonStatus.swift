/// `daemon.status`: what the agent is doing.
public enum DaemonStatus: AgentMethod {
    /// `daemon.status` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// The state of the whole agent.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The program's version.
        public var version = ""
        /// The process id.
        public var pid = 0
        /// Seconds since the start.
        public var uptimeSeconds = 0
        /// `running`, or `draining` while it stops.
        public var state = ""
        /// Whether any client talks to the emulator instead of Mosaic.
        public var emulated = false
        /// The sockets it listens on.
        public var sockets: [SocketStatus] = []
        /// Connections and calls at the moment.
        public var load = LoadStatus()
        /// The configured Mosaic clients.
        public var clients: [ClientStatus] = []
        /// The queue of audit records.
        public var audit = AuditStatus()
        /// Counts since the start, by name.
        public var counters: [String: Int] = [:]
        /// The configuration in force.
        public var configuration: ConfigurationStatus?
        /// How the units of callers are found out.
        public var callerUnits: CallerUnitsStatus?
        /// What holds back guesses and floods of messages.
        public var throttle: ThrottleStatus?

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("version", &version, doc: "The program's version.")
            try members.required("pid", &pid, doc: "The process id.")
            try members.required("uptime_s", &uptimeSeconds, doc: "Seconds since the start.")
            try members.required("state", &state, doc: "`running`, or `draining` while it stops.")
            try members.required(
                "emulated",
                &emulated,
                doc: "Whether any client talks to the emulator instead of Mosaic."
            )
            try members.required(
                "sockets",
                &sockets,
                .array(of: .object(SocketStatus.self), maximumCount: 16),
                doc: "The sockets it listens on."
            )
            try members.required("load", &load, doc: "Connections and calls at the moment.")
            try members.required(
                "clients",
                &clients,
                .array(of: .object(ClientStatus.self), maximumCount: 1024),
                doc: "The configured Mosaic clients."
            )
            try members.required("audit", &audit, doc: "The queue of audit records.")
            try members.required(
                "counters",
                &counters,
                doc: "Counts since the start, by name; names may be added at any time."
            )
            try members.optional("configuration", &configuration, doc: "The configuration in force.")
            try members.optional("caller_units", &callerUnits, doc: "How the systemd units of callers are found out.")
            try members.optional(
                "throttle",
                &throttle,
                doc: "What holds back guesses and floods of messages; `throttle.list` tells which users and callers."
            )
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
        public var name = ""
        /// The path it is bound to.
        public var path = ""
        /// `systemd` when the service manager handed it over, `own` when the agent bound it.
        public var source = ""
        /// Connections that are open.
        public var connections = 0

        /// All members blank.
        public init() {}

        /// A socket.
        public init(name: String, path: String, source: String, connections: Int) {
            self.name = name
            self.path = path
            self.source = source
            self.connections = connections
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("name", &name, doc: "`main`, `control`, or `credential` where there is that one.")
            try members.required("path", &path, doc: "The path it is bound to.")
            try members.required(
                "source",
                &source,
                doc: "`systemd` when the service manager handed it over, `own` when the agent bound it."
            )
            try members.required("connections", &connections, doc: "Connections that are open.")
        }
    }

    /// Connections and calls at the moment.
    public struct LoadStatus: WireObject, Hashable {
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
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("connections", &connections, doc: "Connections that are open, on both sockets.")
            try members.required("maximum_connections", &maximumConnections, doc: "The most that may be open.")
            try members.required("calls_in_flight", &callsInFlight, doc: "Calls that are worked on.")
            try members.required("calls_parked", &callsParked, doc: "Calls that wait for a place.")
        }
    }

    /// The queue of audit records.
    public struct AuditStatus: WireObject, Hashable {
        /// Where records go: `journal`, `stderr` or `none`.
        public var sink = ""
        /// What happens when the queue is full: `refuse` or `drop`.
        public var whenFull = ""
        /// Records that wait to be written.
        public var queued = 0
        /// The most that may wait.
        public var capacity = 0
        /// Records written since the start.
        public var written = 0
        /// Records lost since the start.
        public var dropped = 0
        /// Calls without effect that were counted in a summary since the start, instead of being recorded one by one.
        public var summed: Int?
        /// Why records cannot be written now; nil while they can.
        public var failure: String?

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("sink", &sink, doc: "Where records go: `journal`, `stderr` or `none`.")
            try members.required(
                "when_full",
                &whenFull,
                doc: "What happens when the queue is full: `refuse` or `drop`."
            )
            try members.required("queued", &queued, doc: "Records that wait to be written.")
            try members.required("capacity", &capacity, doc: "The most that may wait.")
            try members.required("written", &written, doc: "Records written since the start.")
            try members.required("dropped", &dropped, doc: "Records lost since the start.")
            try members.optional(
                "summed",
                &summed,
                doc:
                    "Calls without effect since the start that were counted in a summary instead of being recorded one by one."
            )
            try members.optional("failure", &failure, doc: "Why records cannot be written now; absent while they can.")
        }
    }
}

extension DaemonStatus {
    /// The records of the throttle, and for how many there is room.
    public struct ThrottleStatus: WireObject, Hashable {
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
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "exhausted_targets",
                &exhaustedTargets,
                doc: "Users whose budget of attempts is used up at the moment, counted per application."
            )
            try members.required("failures", &failures, doc: "Failed attempts that are remembered.")
            try members.required("failures_capacity", &failuresCapacity, doc: "The most of them.")
            try members.required("sends", &sends, doc: "Messages to users that are remembered.")
            try members.required("sends_capacity", &sendsCapacity, doc: "The most of them.")
            try members.required("callers", &callers, doc: "Callers whose messages to all users are counted.")
            try members.required("callers_capacity", &callersCapacity, doc: "The most of them.")
            try members.required(
                "evicted",
                &evicted,
                doc:
                    "Records that had to make room for others, all since the start: the oldest of the caller who had most."
            )
        }
    }
}

extension DaemonStatus {
    /// How the units of callers are found out, for access rules and audit records.
    public struct CallerUnitsStatus: WireObject, Hashable {
        /// `peer_pidfd`, `pidfd` or `none`.
        public var method = ""
        /// Why they are not, in one word.
        public var reason: String?

        /// All members blank.
        public init() {}

        /// The state of the look-ups.
        public init(method: String, reason: String? = nil) {
            self.method = method
            self.reason = reason
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "method",
                &method,
                doc:
                    "`peer_pidfd` (the kernel names the caller's process for certain), `pidfd` (kernels before 6.5: the agent "
                    + "takes hold of it and checks when it began), or `none`: rules with `unit:` or `user_unit:` admit no caller."
            )
            try members.optional(
                "reason",
                &reason,
                doc:
                    "Why the method is `none`: `process_hidden` (`ProtectProc=` of the agent's unit, on such a kernel), "
                    + "`no_process_descriptor`, `no_bus`, `time_out` or `systemd_error`."
            )
        }
    }
}
