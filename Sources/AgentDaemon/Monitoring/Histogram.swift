import AgentProtocol

/// Durations, counted by size.
struct Histogram: Sendable {
    /// The upper bounds of the buckets in seconds: from what a call costs that the agent answers alone to the longest that
    /// anybody waits. The usual ones of Prometheus' clients, and smaller ones below them.
    static let bounds = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// Per bucket, those of smaller buckets not counted.
    private var counts = [Int](repeating: 0, count: bounds.count)
    private var count = 0
    private var sum = 0.0

    /// Counts a duration.
    mutating func observe(_ duration: Duration) {
        let seconds = Double(duration.wholeMicroseconds) / 1_000_000
        count += 1
        sum += seconds
        for index in Self.bounds.indices where seconds <= Self.bounds[index] {
            counts[index] += 1
            return
        }
    }

    /// The histogram as a sample with these labels.
    func sample(_ labels: [String: String]) -> DaemonMetrics.Sample {
        var total = 0
        let buckets = zip(Self.bounds, counts).map { bound, count in
            total += count
            return DaemonMetrics.Bucket(bound: bound, count: total)
        }
        return DaemonMetrics.Sample(labels, count: count, sum: sum, buckets: buckets)
    }
}
