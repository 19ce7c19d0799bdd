public import StrictJSON

/// `daemon.health`: whether the agent can do its job, and what to do if not.
public enum DaemonHealth: AgentMethod {
    /// `daemon.health` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// The checks and what they come to.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The worst of the checks.
        public var status: HealthStatus
        /// What was looked at.
        public var checks: [Check]

        /// The checks; the status is the worst of theirs.
        public init(checks: [Check]) {
            self.checks = checks
            status = checks.map(\.status).max { $0.severity < $1.severity } ?? .healthy
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("status", .anyText, doc: "`healthy`, `degraded` or `unhealthy`: the worst of the checks."),
            .required(
                "checks",
                .array(of: .object(Check.self), maximumCount: 4096),
                doc: "What was looked at."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            status = HealthStatus(try object.text("status"))
            checks = try object.objects("checks")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("status", status.name)
            writer.member("checks", checks)
        }
    }

    /// One thing that was looked at.
    public struct Check: WireObject, Hashable {
        /// What it is, such as `client.default.token`.
        public var name: String
        /// How it stands.
        public var status: HealthStatus
        /// What was found and, if it is not well, what to do.
        public var message: String

        /// One thing that was looked at.
        public init(name: String, status: HealthStatus, message: String) {
            self.name = name
            self.status = status
            self.message = message
        }

        /// The schema of an element of `checks`.
        public static let fields: [Field] = [
            .required("name", .anyText, doc: "What was looked at, such as `client.default.token`."),
            .required("status", .anyText, doc: "`healthy`, `degraded` or `unhealthy`."),
            .required("message", .anyText, doc: "What was found and, if it is not well, what to do."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            name = try object.text("name")
            status = HealthStatus(try object.text("status"))
            message = try object.text("message")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("name", name)
            writer.member("status", status.name)
            writer.member("message", message)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.health",
        sockets: [.control],
        summary: "Tells whether the agent can do its job, and what to do if not.",
        doc: "Answers from what the agent knows already; nothing is asked of Mosaic.",
        requirement: .controlSocket
    )
}

/// How something stands. Unknown names are kept, and taken as the worst.
public struct HealthStatus: OpenName {
    /// The name on the wire.
    public let name: String

    /// The status of that name.
    public init(_ name: String) { self.name = name }

    /// It works.
    public static let healthy = HealthStatus("healthy")
    /// It works, but something should be looked at.
    public static let degraded = HealthStatus("degraded")
    /// It does not work.
    public static let unhealthy = HealthStatus("unhealthy")

    /// 0 for healthy, more for worse.
    public var severity: Int {
        switch self {
        case .healthy: 0
        case .degraded: 1
        default: 2
        }
    }
}
