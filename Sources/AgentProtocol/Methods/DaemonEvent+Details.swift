public import StrictJSON

extension DaemonEvent {
    /// How the agent is.
    public struct Health: WireObject, Hashable {
        /// How it is.
        public var status: String
        /// What it was before.
        public var previous: String?
        /// The status and its first problem, in one line.
        public var summary: String

        /// How the agent is.
        public init(status: String, previous: String? = nil, summary: String) {
            self.status = status
            self.previous = previous
            self.summary = summary
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("status", .anyText, doc: "`healthy`, `degraded` or `unhealthy`."),
            .required("summary", .anyText, doc: "The status and its first problem, in one line."),
            Field("previous", .anyText, doc: "What it was before; missing in the first look after the start."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            status = try object.text("status")
            previous = try object.optionalText("previous")
            summary = try object.text("summary")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("status", status)
            writer.member("previous", previous)
            writer.member("summary", summary)
        }
    }

    /// What came of reading the configuration.
    public struct Configuration: WireObject, Hashable {
        /// Why it was refused.
        public var problem: String?
        /// Keys whose new values only a restart makes effective.
        public var restartNeeded: [String]?

        /// What came of reading the configuration.
        public init(problem: String? = nil, restartNeeded: [String]? = nil) {
            self.problem = problem
            self.restartNeeded = restartNeeded
        }

        /// The schema.
        public static let fields: [Field] = [
            Field("problem", .anyText, doc: "Why it was refused: the first thing that is wrong."),
            Field(
                "restart_needed",
                .array(of: .anyText, maximumCount: 64),
                doc: "Of one in force: keys whose new values only a restart makes effective."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            problem = try object.optionalText("problem")
            restartNeeded = try object.optionalTexts("restart_needed")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("problem", problem)
            writer.member("restart_needed", restartNeeded)
        }
    }

    /// A fetch of an access token.
    public struct Token: WireObject, Hashable {
        /// The configured client.
        public var client: String
        /// Seconds until the new token expires.
        public var expiresInSeconds: Int?
        /// Why there is none.
        public var error: String?

        /// A fetch of an access token.
        public init(client: String, expiresInSeconds: Int? = nil, error: String? = nil) {
            self.client = client
            self.expiresInSeconds = expiresInSeconds
            self.error = error
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The configured client."),
            Field("expires_in_s", .count, doc: "Seconds until the new token expires."),
            Field("error", .anyText, doc: "Why there is none: the kind of error, and behind a dot what was behind it."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            expiresInSeconds = try object.optionalInteger("expires_in_s").map { Int($0) }
            error = try object.optionalText("error")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("expires_in_s", expiresInSeconds)
            writer.member("error", error)
        }
    }

    /// A client that has a new credential.
    public struct Credential: WireObject, Hashable {
        /// The configured client.
        public var client: String
        /// Whether its source holds the new one, too.
        public var sourceReplaced: Bool

        /// A client that has a new credential.
        public init(client: String, sourceReplaced: Bool) {
            self.client = client
            self.sourceReplaced = sourceReplaced
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The configured client."),
            .required("source_replaced", .boolean, doc: "Whether its source holds the new one, too."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            sourceReplaced = try object.boolean("source_replaced")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("source_replaced", sourceReplaced)
        }
    }

    /// A connection that was turned away.
    public struct RefusedConnection: WireObject, Hashable {
        /// The socket.
        public var socket: String
        /// The peer's user id.
        public var uid: UInt32
        /// The peer's process id.
        public var pid: Int
        /// The kind of error that it was told.
        public var reason: String

        /// A connection that was turned away.
        public init(socket: String, uid: UInt32, pid: Int, reason: String) {
            self.socket = socket
            self.uid = uid
            self.pid = pid
            self.reason = reason
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("socket", .anyText, doc: "`main`, `control` or `credential`."),
            .required("uid", .systemID, doc: "The peer's user id."),
            .required("pid", .count, doc: "The peer's process id."),
            .required(
                "reason",
                .anyText,
                doc: "`overloaded`: over a cap; `forbidden`: the control socket is not for this user."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            socket = try object.text("socket")
            uid = try object.integer("uid", as: UInt32.self)
            pid = Int(try object.integer("pid"))
            reason = try object.text("reason")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("socket", socket)
            writer.member("uid", uid)
            writer.member("pid", pid)
            writer.member("reason", reason)
        }
    }

    /// Which messages are logged.
    public struct LogLevel: WireObject, Hashable {
        /// The level now.
        public var level: String
        /// The level before.
        public var previous: String
        /// The user who set it.
        public var uid: UInt32?

        /// Which messages are logged.
        public init(level: String, previous: String, uid: UInt32? = nil) {
            self.level = level
            self.previous = previous
            self.uid = uid
        }

        /// The schema.
        public static let fields: [Field] = [
            .required("level", .anyText, doc: "The level now."),
            .required("previous", .anyText, doc: "The level before."),
            Field("uid", .systemID, doc: "The user who set it; missing where a reload did."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            level = try object.text("level")
            previous = try object.text("previous")
            uid = try object.optionalInteger("uid").flatMap { UInt32(exactly: $0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("level", level)
            writer.member("previous", previous)
            writer.member("uid", uid)
        }
    }
}
