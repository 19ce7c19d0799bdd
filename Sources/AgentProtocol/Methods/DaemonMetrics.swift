public import StrictJSON

/// `daemon.metrics`: what the agent counts and measures.
public enum DaemonMetrics: AgentMethod {
    /// `daemon.metrics` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// All metrics.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The metrics, each name once.
        public var metrics: [Metric]

        /// All metrics.
        public init(metrics: [Metric]) { self.metrics = metrics }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required(
                "metrics",
                .array(of: .object(Metric.self), maximumCount: 4096),
                doc: "The metrics, each name once. New ones may be added."
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) { metrics = try object.objects("metrics") }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) { writer.member("metrics", metrics) }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.metrics",
        sockets: [.control],
        summary: "Tells what the agent counts and measures, for monitoring.",
        doc: """
            Counters begin at zero when the agent starts (`process_start_time_seconds`) and only grow. Labels are names out \
            of small fixed sets (methods, results, endpoints, configured clients); no user and no caller is one. \
            `mosaicctl metrics` writes them as Prometheus and OpenMetrics read them.
            """,
        requirement: .controlSocket
    )
}
