import AgentProtocol
import MosaicAPI
import Synchronization

/// Counts what the agent asks of Mosaic, and how long it takes.
final class UpstreamMetrics: Sendable {
    private struct Key: Hashable {
        let client: String
        let endpoint: APIEndpoint

        var labels: [String: String] { ["client": client, "endpoint": endpoint.name] }

        /// Leaves out the client: there are few.
        func hash(into hasher: inout Hasher) {
            hasher.combine(endpoint)
        }
    }

    private struct Series {
        var results: [String: Int] = [:]
        var durations = Histogram()

        mutating func count(_ result: String, _ duration: Duration) {
            results[result, default: 0] += 1
            durations.observe(duration)
        }
    }

    private struct LabelledSeries {
        let labels: [String: String]
        let series: Series

        /// Sorts samples the same way each time.
        var order: String { labels.sorted { $0.key < $1.key }.map(\.value).joined(separator: " ") }
    }

    private struct State {
        var requests: [Key: Series] = [:]
        var fetches: [String: Series] = [:]
    }

    private let state = Mutex(State())

    /// Counts a request of the API.
    func count(_ endpoint: APIEndpoint, client: String, end: UpstreamEnd, duration: Duration) {
        let result =
            switch end {
            // Anything else is no status (RFC 9110, section 15); one label for all of that.
            case .answered(let status): (100...599).contains(status) ? String(status) : "invalid"
            case .failed(let reason): reason.rawValue
            }
        state.withLock {
            $0.requests[Key(client: client, endpoint: endpoint), default: Series()].count(result, duration)
        }
    }

    /// Counts a try to fetch a token.
    ///
    /// - Parameter failure: nil if it brought one.
    func countFetch(client: String, failure: APIFailure?, duration: Duration) {
        state.withLock { $0.fetches[client, default: Series()].count(failure?.label ?? "ok", duration) }
    }

    /// What was counted so far.
    var metrics: [DaemonMetrics.Metric] {
        let state = state.withLock { $0 }
        let requests = state.requests.map { key, series in LabelledSeries(labels: key.labels, series: series) }
        let fetches = state.fetches.map { client, series in
            LabelledSeries(labels: ["client": client], series: series)
        }
        return Self.metrics(
            of: requests,
            named: "mosaicd_upstream_requests_total",
            "Requests to Mosaic's API, by endpoint and HTTP status or the reason why there was no answer.",
            durations: "mosaicd_upstream_request_duration_seconds",
            "Time from the begin of a request to Mosaic's API to its end."
        )
            + Self.metrics(
                of: fetches,
                named: "mosaicd_token_fetches_total",
                "Requests for client access tokens, by how they ended: ok, or the kind of failure.",
                durations: "mosaicd_token_fetch_duration_seconds",
                "Time that a request for a client access token took."
            )
    }

    private static func metrics(
        of unsorted: [LabelledSeries],
        named name: String,
        _ help: String,
        durations: String,
        _ durationHelp: String
    ) -> [DaemonMetrics.Metric] {
        let all = unsorted.sorted { $0.order < $1.order }
        return [
            DaemonMetrics.Metric(
                name,
                .counter,
                help: help,
                samples: all.flatMap { one in
                    one.series.results.sorted { $0.key < $1.key }.map { result, count in
                        DaemonMetrics.Sample(one.labels.adding("result", result), Double(count))
                    }
                }
            ),
            DaemonMetrics.Metric(
                durations,
                .histogram,
                unit: "seconds",
                help: durationHelp,
                samples: all.map { $0.series.durations.sample($0.labels) }
            ),
        ]
    }
}
