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
