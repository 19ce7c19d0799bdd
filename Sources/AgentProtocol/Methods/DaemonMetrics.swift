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

extension DaemonMetrics {
    /// One metric with all its samples.
    public struct Metric: WireObject, Hashable {
        /// Its name; that of a counter ends with `_total`, and one with a unit has that before it.
        public var name: String
        /// What it is.
        public var type: MetricType
        /// One sentence.
        public var help: String
        /// The unit of its values, in the plural; nil for numbers of things.
        public var unit: String?
        /// Its samples, each with other labels.
        public var samples: [Sample]

        /// A metric.
        public init(_ name: String, _ type: MetricType, unit: String? = nil, help: String, samples: [Sample]) {
            self.name = name
            self.type = type
            self.help = help
            self.unit = unit
            self.samples = samples
        }

        /// The schema of an element of `metrics`.
        public static let fields: [Field] = [
            .required("name", .anyText, doc: "The name; that of a counter ends with `_total`."),
            .required("type", .anyText, doc: "`counter`, `gauge` or `histogram`."),
            .required("help", .anyText, doc: "What it tells, as a sentence."),
            .required(
                "samples",
                .array(of: .object(Sample.self), maximumCount: 65_536),
                doc: "The values, each with other labels; none when nothing has happened that would be counted."
            ),
            Field("unit", .anyText, doc: "The unit, `seconds` or `bytes`; none for numbers of things."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            name = try object.text("name")
            type = MetricType(try object.text("type"))
            help = try object.text("help")
            unit = try object.optionalText("unit")
            samples = try object.objects("samples")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("name", name)
            writer.member("type", type.name)
            writer.member("help", help)
            writer.member("unit", unit)
            writer.member("samples", samples)
        }
    }

    /// The value, or the distribution, under one set of labels.
    public struct Sample: WireObject, Hashable {
        /// What tells it from the metric's other samples.
        public var labels: [String: String]
        /// The value of a counter or gauge.
        public var value: Double?
        /// How often a histogram was fed.
        public var count: Int?
        /// The sum of what it was fed with.
        public var sum: Double?
        /// How many of these values are at most each bound, bounds ascending; all of them are at most infinity.
        public var buckets: [Bucket]

        /// The value of a counter or gauge.
        public init(_ labels: [String: String] = [:], _ value: Double) {
            self.labels = labels
            self.value = value
            buckets = []
        }

        /// A histogram.
        public init(_ labels: [String: String] = [:], count: Int, sum: Double, buckets: [Bucket]) {
            self.labels = labels
            self.count = count
            self.sum = sum
            self.buckets = buckets
        }

        /// The schema of an element of `samples`.
        public static let fields: [Field] = [
            .required("labels", .map(of: .anyText), doc: "What tells it from the other samples."),
            Field("value", .number, doc: "The value of a counter or gauge."),
            Field("count", .count, doc: "For a histogram: how many values there were."),
            Field("sum", .number, doc: "For a histogram: their sum."),
            Field(
                "buckets",
                .array(of: .object(Bucket.self), maximumCount: 64),
                doc:
                    "For a histogram: how many values were at most `le`, for ascending bounds. All are at most infinity."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            labels = try object.textsByName("labels")
            value = try object.optionalNumber("value")
            count = try object.optionalInteger("count").map { Int($0) }
            sum = try object.optionalNumber("sum")
            buckets = object.value["buckets"] == nil ? [] : try object.objects("buckets")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("labels", labels)
            writer.member("value", number: value)
            writer.member("count", count)
            writer.member("sum", number: sum)
            if !buckets.isEmpty { writer.member("buckets", buckets) }
        }
    }

    /// How many values of a histogram are at most a bound.
    public struct Bucket: WireObject, Hashable {
        /// The bound.
        public var bound: Double
        /// How many values are at most that.
        public var count: Int

        /// How many values are at most `bound`.
        public init(bound: Double, count: Int) {
            self.bound = bound
            self.count = count
        }

        /// The schema of an element of `buckets`.
        public static let fields: [Field] = [
            .required("le", .number, doc: "The bound, in the metric's unit."),
            .required("count", .count, doc: "How many values were at most that."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            guard let bound = try object.optionalNumber("le") else { throw SchemaViolation(.missing, at: "le") }
            self.bound = bound
            count = Int(try object.integer("count"))
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("le", number: bound)
            writer.member("count", count)
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
