/// `daemon.reload`: read the configuration again and serve by it.
public enum DaemonReload: AgentMethod {
    /// `daemon.reload` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// What came of it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether the new configuration is in force; if not, the old one still is, whole.
        public var reloaded = false
        /// Why it is not; or, if it is, what an administrator should look at.
        public var problems: [Problem] = []
        /// The clients, in the order of the configuration, those that are gone at the end.
        public var clients: [ClientChange] = []
        /// Settings that have changed and that only a restart makes effective.
        public var restartNeeded: [String] = []

        /// All members blank.
        public init() {}

        /// What came of it.
        public init(
            reloaded: Bool,
            problems: [Problem],
            clients: [ClientChange] = [],
            restartNeeded: [String] = []
        ) {
            self.reloaded = reloaded
            self.problems = problems
            self.clients = clients
            self.restartNeeded = restartNeeded
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "reloaded",
                &reloaded,
                doc: "Whether the new configuration is in force. If not, the old one still is, whole."
            )
            try members.required(
                "problems",
                &problems,
                .array(of: .object(Problem.self), maximumCount: 65_536),
                doc: "Why it was refused; or, if it was not, what an administrator should look at."
            )
            try members.required(
                "clients",
                &clients,
                .array(of: .object(ClientChange.self), maximumCount: 2048),
                doc: "What it means for each client, in the order of the configuration; those that are gone at the end."
            )
            try members.required(
                "restart_needed",
                &restartNeeded,
                .array(of: .anyText, maximumCount: 64),
                doc: "Keys of `[Daemon]` that have changed and keep their old value until the agent is restarted."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.reload",
        sockets: [.control],
        summary: "Reads the configuration again: clients, access rules, limits, log level, and all files it names.",
        doc: """
            A configuration that is wrong in any point is refused whole, and the old one stays; that is a result, not an \
            error. Calls in flight end under the configuration that they began under. A client whose settings and \
            credential are the same goes on with its connections; one whose credential alone is the same keeps its \
            token. While another reload or a rotation is under way, the answer is `overloaded`.
            """,
        requirement: .controlSocket
    )
}

extension DaemonReload {
    /// One thing that is wrong, or should be looked at, and where.
    public struct Problem: WireObject, Hashable {
        /// The file, or the name of an environment variable behind a `$`.
        public var file = ""
        /// The line, counted from 1; nil when the problem is the file itself.
        public var line: Int?
        /// The whole sentence with file and line, as in the journal.
        public var message = ""

        /// All members blank.
        public init() {}

        /// A problem.
        public init(file: String, line: Int?, message: String) {
            self.file = file
            self.line = line
            self.message = message
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("file", &file, doc: "The file, or the name of an environment variable behind a `$`.")
            try members.optional(
                "line",
                &line,
                doc: "The line, counted from 1; absent when the problem is the file itself."
            )
            try members.required("message", &message, doc: "The whole sentence with file and line, as in the journal.")
        }
    }

    /// What a reload means for one client.
    public struct ClientChange: WireObject, Hashable {
        /// The name in the configuration.
        public var client = ""
        /// What became of it.
        public var change = Change("")
        /// Whether its secret could not be read anew.
        public var credentialFixed = false
        /// Whether it goes on with a secret it was given by a rotation, which its source does not have.
        public var rotatedCredential = false

        /// All members blank.
        public init() {}

        /// What a reload means for a client.
        public init(client: String, change: Change, credentialFixed: Bool = false, rotatedCredential: Bool = false) {
            self.client = client
            self.change = change
            self.credentialFixed = credentialFixed
            self.rotatedCredential = rotatedCredential
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("client", &client, doc: "The name in the configuration.")
            try members.required(
                "change",
                &change,
                doc: "`kept`, `changed`, `added` or `removed`. Calls in flight go on with the old one."
            )
            try members.required(
                "credential_fixed",
                &credentialFixed,
                doc:
                    "Whether its secret is a service credential that is as it was: the service manager hands those over "
                    + "when it starts the service, so a new one needs a restart."
            )
            try members.required(
                "rotated_credential",
                &rotatedCredential,
                doc: "Whether it goes on with the secret of a rotation, as the source has not changed since."
            )
        }
    }

    /// What became of a client.
    public struct Change: OpenName {
        /// The name on the wire.
        public let name: String

        /// The change of that name.
        public init(_ name: String) { self.name = name }

        /// It is as it was, with its connections and its token.
        public static let kept = Change("kept")
        /// Something about it is different.
        public static let changed = Change("changed")
        /// It is new.
        public static let added = Change("added")
        /// The configuration has it no more.
        public static let removed = Change("removed")
    }
}

/// `daemon.log_level`: what the agent logs, and how to have it log more or less for a while.
public enum DaemonLogLevel: AgentMethod {
    /// The new level, if there is to be one.
    public struct Parameters: WireObject, Hashable {
        /// A level, or ``configured``; nil changes nothing.
        public var level: String?

        /// All members blank.
        public init() {}

        /// Sets `level`, or only asks.
        public init(level: String? = nil) { self.level = level }

        /// The levels, most talkative first.
        public static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        /// Stands for the level of the configuration.
        public static let configured = "configured"

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "level",
                &level,
                .choice(Self.levels + [Self.configured]),
                doc: """
                    The least important messages that are logged from now on; `configured` puts the level of the \
                    configuration back. Default: nothing changes.
                    """
            )
        }
    }

    /// The level in force.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The level.
        public var level = ""
        /// Where it comes from.
        public var source = LogLevelSource("")
        /// The level that the configuration asks for.
        public var configured = ""

        /// All members blank.
        public init() {}

        /// The level in force.
        public init(level: String, source: LogLevelSource, configured: String) {
            self.level = level
            self.source = source
            self.configured = configured
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("level", &level, doc: "The level in force.")
            try members.required(
                "source",
                &source,
                doc: """
                    Where it comes from: `default`; `configuration`, a line `LogLevel=`; `environment`, the variable \
                    `MOSAICD_LOG_LEVEL`, which wins over that; or `control`, set by this method.
                    """
            )
            try members.required(
                "configured",
                &configured,
                doc:
                    "The level without this method, as the next reload or start has it if the configuration stays as it is."
            )
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.log_level",
        sockets: [.control],
        summary: "Tells which messages are logged, and changes it.",
        doc: """
            A level that is set holds at once, until the next reload or restart: after either, the agent is as its \
            configuration says. The journal keeps who changed it, at level `notice`, whatever the level. Audit records are no \
            messages and always written.
            """,
        requirement: .controlSocket
    )
}

/// Where the level of the log comes from.
public struct LogLevelSource: OpenName {
    /// The name on the wire.
    public let name: String

    /// The source of that name.
    public init(_ name: String) { self.name = name }

    /// Neither the configuration nor a call sets it.
    public static let fallback = LogLevelSource("default")
    /// A line `LogLevel=`.
    public static let configuration = LogLevelSource("configuration")
    /// The variable `MOSAICD_LOG_LEVEL`.
    public static let environment = LogLevelSource("environment")
    /// `daemon.log_level`.
    public static let control = LogLevelSource("control")
}
