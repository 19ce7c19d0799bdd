public import StrictJSON

/// `daemon.log_level`: what the agent logs, and how to have it log more or less for a while.
public enum DaemonLogLevel: AgentMethod {
    /// The new level, if there is to be one.
    public struct Parameters: WireObject, Hashable {
        /// A level, or ``configured``; nil changes nothing.
        public var level: String?

        /// Sets `level`, or only asks.
        public init(level: String? = nil) { self.level = level }

        /// The levels, most talkative first.
        public static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        /// Stands for the level of the configuration.
        public static let configured = "configured"

        /// The schema of the parameters.
        public static let fields: [Field] = [
            Field(
                "level",
                .choice(levels + [configured]),
                doc: """
                    The least important messages that are logged from now on; `configured` puts the level of the \
                    configuration back. Default: nothing changes.
                    """
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) { level = try object.optionalText("level") }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) { writer.member("level", level) }
    }

    /// The level in force.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The level.
        public var level: String
        /// Where it comes from.
        public var source: LogLevelSource
        /// The level that the configuration asks for.
        public var configured: String

        /// The level in force.
        public init(level: String, source: LogLevelSource, configured: String) {
            self.level = level
            self.source = source
            self.configured = configured
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("level", .anyText, doc: "The level in force."),
            .required(
                "source",
                .anyText,
                doc: """
                    Where it comes from: `default`; `configuration`, a line `LogLevel=`; `environment`, the variable \
                    `MOSAICD_LOG_LEVEL`, which wins over that; or `control`, set by this method.
                    """
            ),
            .required(
                "configured",
                .anyText,
                doc:
                    "The level without this method, as the next reload or start has it if the configuration stays as it is."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            level = try object.text("level")
            source = LogLevelSource(try object.text("source"))
            configured = try object.text("configured")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("level", level)
            writer.member("source", source.name)
            writer.member("configured", configured)
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
