package import Foundation
import Synchronization

/// What reached the sandbox: counts per endpoint and status, and the newest requests without their secrets.
package final class RequestLog: Sendable {
    /// One request. Paths are templates, so no identifier stands here.
    package struct Entry: Sendable, Codable {
        /// Counts all requests from 1; gaps never occur, so tests can read from where they left off.
        package var sequence: Int
        package var time: Date
        /// The endpoint's number, or nil for a path or method that no endpoint has.
        package var endpoint: String?
        package var method: String
        /// The path template.
        package var path: String
        /// The answer's status; 0 when the connection was cut.
        package var status: Int
        /// How long the answer took, in microseconds.
        package var durationMicroseconds: Int
        /// Number of the fault it met.
        package var fault: Int?
        /// Members of the body that no endpoint knows.
        package var unknownFields: [String]

        enum CodingKeys: String, CodingKey {
            case sequence, time, endpoint, method, path, status, fault
            case durationMicroseconds = "duration_us"
            case unknownFields = "unknown_fields"
        }
    }

    /// How often one endpoint was asked.
    package struct Count: Sendable, Equatable {
        /// Requests that arrived, answered or not yet.
        package var total = 0
        /// Answers by status; 0 stands for a cut connection.
        package var statuses: [Int: Int] = [:]
    }

    private struct State {
        var sequence = 0
        var counts: [String: Count] = [:]
        var entries: [Entry] = []
    }

    /// How many requests are kept in full.
    package static let capacity = 1000

    private let state = Mutex(State())

    package init() {}

    /// Counts a request that just arrived.
    func arrived(at endpoint: String?) {
        state.withLock { $0.counts[endpoint ?? "none", default: Count()].total += 1 }
    }

    /// Records the answer to one request; the entry's `sequence` is assigned here.
    func answered(_ entry: Entry) {
        state.withLock { state in
            state.sequence += 1
            var entry = entry
            entry.sequence = state.sequence
            state.counts[entry.endpoint ?? "none", default: Count()].statuses[entry.status, default: 0] += 1
            state.entries.append(entry)
            if state.entries.count > Self.capacity { state.entries.removeFirst(state.entries.count - Self.capacity) }
        }
    }

    /// How many requests reached the endpoint, or how many were answered with that status.
    package func count(_ endpoint: Endpoint, status: Int? = nil) -> Int {
        state.withLock { state in
            let count = state.counts[endpoint.rawValue] ?? Count()
            return if let status { count.statuses[status] ?? 0 } else { count.total }
        }
    }

    /// Counts by endpoint (`none` for requests no endpoint took), and the newest answered requests with a sequence above
    /// `after`, oldest first.
    package func snapshot(after: Int = 0) -> (counts: [String: Count], entries: [Entry]) {
        state.withLock { ($0.counts, $0.entries.filter { $0.sequence > after }) }
    }

    /// Sets all counts to zero and forgets the requests; the sequence goes on.
    package func clear() {
        state.withLock { state in
            state.counts = [:]
            state.entries = []
        }
    }
}
