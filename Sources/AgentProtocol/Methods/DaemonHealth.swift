/// `daemon.health`: whether the agent can do its job, and what to do if not.
public enum DaemonHealth: AgentMethod {
    /// `daemon.health` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// The checks and what they come to.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The worst of the checks.
        public var status = HealthStatus("")
        /// What was looked at.
        public var checks: [Check] = []

        /// All members blank.
        public init() {}

        /// The checks; the status is the worst of theirs.
        public init(checks: [Check]) {
            self.checks = checks
            status = checks.map(\.status).max { $0.severity < $1.severity } ?? .healthy
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "status",
                &status,
                doc: "`healthy`, `degraded` or `unhealthy`: the worst of the checks."
            )
            try members.required(
                "checks",
                &checks,
                .array(of: .object(Check.self), maximumCount: 4096),
                doc: "What was looked at."
            )
        }
    }

    /// One thing that was looked at.
    public struct Check: WireObject, Hashable {
        /// What it is, such as `client.default.token`.
        public var name = ""
        /// How it stands.
        public var status = HealthStatus("")
        /// What was found and, if it is not well, what to do.
        public var message = ""

        /// All members blank.
        public init() {}

        /// One thing that was looked at.
        public init(name: String, status: HealthStatus, message: String) {
            self.name = name
            self.status = status
            self.message = message
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("name", &name, doc: "What was looked at, such as `client.default.token`.")
            try members.required("status", &status, doc: "`healthy`, `degraded` or `unhealthy`.")
            try members.required("message", &message, doc: "What was found and, if it is not well, what to do.")
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
