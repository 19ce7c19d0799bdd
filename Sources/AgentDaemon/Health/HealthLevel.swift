/// How well the agent can do its work, worst last.
package enum HealthLevel: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Everything works.
    case healthy
    /// Calls are served, but something needs a look before it gets worse.
    case degraded
    /// Calls fail now, at least for one client.
    case unhealthy

    package static func < (first: HealthLevel, second: HealthLevel) -> Bool {
        first.rank < second.rank
    }

    private var rank: Int {
        switch self {
        case .healthy: 0
        case .degraded: 1
        case .unhealthy: 2
        }
    }
}
