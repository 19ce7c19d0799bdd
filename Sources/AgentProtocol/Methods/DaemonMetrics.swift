/// `daemon.metrics`: what the agent counts and measures.
public enum DaemonMetrics: AgentMethod {
    /// `daemon.metrics` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// All metrics.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The metrics, each name once.
        public var metrics: [Metric] = []

        /// All members blank.
        public init() {}

        /// All metrics.
        public init(metrics: [Metric]) { self.metrics = metrics }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "metrics",
                &metrics,
                .array(of: .object(Metric.self), maximumCount: 4096),
                doc: "The metrics, each name once. New ones may be added."
            )
        }
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

extension DaemonMetrics {
    /// One metric with all its samples.
    public struct Metric: WireObject, Hashable {
        /// Its name; that of a counter ends with `_total`, and one with a unit has that before it.
        public var name = ""
        /// What it is.
        public var type = MetricType("")
        /// One sentence.
        public var help = ""
        /// The unit of its values, in the plural; nil for numbers of things.
        public var unit: String?
        /// Its samples, each with other labels.
        public var samples: [Sample] = []

        /// All members blank.
        public init() {}

        /// A metric.
        public init(_ name: String, _ type: MetricType, unit: String? = nil, help: String, samples: [Sample]) {
            self.name = name
            self.type = type
            self.help = help
            self.unit = unit
            self.samples = samples
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("name", &name, doc: "The name; that of a counter ends with `_total`.")
            try members.required("type", &type, doc: "`counter`, `gauge` or `histogram`.")
            try members.required("help", &help, doc: "What it tells, as a sentence.")
            try members.required(
                "samples",
                &samples,
                .array(of: .object(Sample.self), maximumCount: 65_536),
                doc: "The values, each with other labels; none when nothing has happened that would be counted."
            )
            try members.optional("unit", &unit, doc: "The unit, `seconds` or `bytes`; none for numbers of things.")
        }
    }

    /// The value, or the distribution, under one set of labels.
    public struct Sample: WireObject, Hashable {
        /// What tells it from the metric's other samples.
        public var labels: [String: String] = [:]
        /// The value of a counter or gauge.
        public var value: Double?
        /// How often a histogram was fed.
        public var count: Int?
        /// The sum of what it was fed with.
        public var sum: Double?
        /// How many of these values are at most each bound, bounds ascending; all of them are at most infinity.
        public var buckets: [Bucket] = []

        /// All members blank.
        public init() {}

        /// The value of a counter or gauge.
        public init(_ labels: [String: String] = [:], _ value: Double) {
            self.labels = labels
            self.value = value
        }

        /// A histogram.
        public init(_ labels: [String: String] = [:], count: Int, sum: Double, buckets: [Bucket]) {
            self.labels = labels
            self.count = count
            self.sum = sum
            self.buckets = buckets
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("labels", &labels, doc: "What tells it from the other samples.")
            try members.optional("value", &value, doc: "The value of a counter or gauge.")
            try members.optional("count", &count, doc: "For a histogram: how many values there were.")
            try members.optional("sum", &sum, doc: "For a histogram: their sum.")
            try members.optional(
                "buckets",
                &buckets,
                usually: [],
                .array(of: .object(Bucket.self), maximumCount: 64),
                doc:
                    "For a histogram: how many values were at most `le`, for ascending bounds. All are at most infinity."
            )
        }
    }

    /// How many values of a histogram are at most a bound.
    public struct Bucket: WireObject, Hashable {
        /// The bound.
        public var bound: Double = 0
        /// How many values are at most that.
        public var count = 0

        /// All members blank.
        public init() {}

        /// How many values are at most `bound`.
        public init(bound: Double, count: Int) {
            self.bound = bound
            self.count = count
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("le", &bound, doc: "The bound, in the metric's unit.")
            try members.required("count", &count, doc: "How many values were at most that.")
        }
    }
}

/// What a metric is.
public struct MetricType: OpenName {
    /// The name on the wire.
    public let name: String

    /// The type of that name.
    public init(_ name: String) { self.name = name }

    /// Only grows.
    public static let counter = MetricType("counter")
    /// Goes up and down.
    public static let gauge = MetricType("gauge")
    /// Counts values by size.
    public static let histogram = MetricType("histogram")
}
