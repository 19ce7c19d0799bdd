import AgentProtocol
import Synchronization

/// Counts calls by method and result, and how long they took.
///
/// Methods are those of the protocol's tables and one name for all others, results the verdicts and kinds of error: what
/// callers send never makes a new label.
final class CallMetrics: Sendable {
    /// The label of calls of methods that do not exist.
    static let unknownMethod = "unknown"

    private struct Key: Hashable {
        let socket: String
        let method: String

        var labels: [String: String] { ["socket": socket, "method": method] }

        /// Leaves out the socket: a method has one or two.
        func hash(into hasher: inout Hasher) {
            hasher.combine(method)
        }
    }

    private struct Series {
        /// Few, so that a search from the first is quicker than a table of hashes.
        private(set) var results: [(name: String, count: Int)] = []
        private(set) var durations = Histogram()

        mutating func count(_ result: String, duration: Duration) {
            if let index = results.firstIndex(where: { $0.name == result }) {
                results[index].count += 1
            } else {
                results.append((result, 1))
            }
            durations.observe(duration)
        }
    }

    private let series = Mutex<[Key: Series]>([:])

    /// Counts a call.
    ///
    /// - Parameter method: nil if the protocol has no such method.
    func count(socket: String, method: String?, result: String, duration: Duration) {
        let key = Key(socket: socket, method: method ?? Self.unknownMethod)
        series.withLock { $0[key, default: Series()].count(result, duration: duration) }
    }

    /// What was counted so far.
    var metrics: [DaemonMetrics.Metric] {
        let series = series.withLock { $0 }
            .sorted { ($0.key.socket, $0.key.method) < ($1.key.socket, $1.key.method) }
        return [
            DaemonMetrics.Metric(
                "mosaicd_calls_total",
                .counter,
                help: "Calls answered, by method and verdict, ok or kind of error.",
                samples: series.flatMap { key, series in
                    series.results.sorted { $0.name < $1.name }.map { result, count in
                        DaemonMetrics.Sample(key.labels.adding("result", result), Double(count))
                    }
                }
            ),
            DaemonMetrics.Metric(
                "mosaicd_call_duration_seconds",
                .histogram,
                unit: "seconds",
                help: "Time from a call's arrival to its decision, without the wait for the release grid.",
                samples: series.map { key, series in series.durations.sample(key.labels) }
            ),
        ]
    }
}

extension [String: String] {
    /// The same labels and one more.
    func adding(_ name: String, _ value: String) -> Self {
        var labels = self
        labels[name] = value
        return labels
    }
}
