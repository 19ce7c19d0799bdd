import AgentProtocol
import MosaicAPI

extension [ConfiguredClient] {
    /// How the clients' tokens and circuit breakers are now.
    var tokenMetrics: [DaemonMetrics.Metric] {
        let statuses = map { ($0.name, $0.service.status) }
        func seconds(_ duration: KeyPath<MosaicClientStatus, Duration?>) -> [DaemonMetrics.Sample] {
            statuses.compactMap { name, status in
                status[keyPath: duration].map { duration in
                    DaemonMetrics.Sample(["client": name], Double(duration.wholeMilliseconds) / 1000)
                }
            }
        }
        return [
            DaemonMetrics.Metric(
                "mosaicd_token_age_seconds",
                .gauge,
                unit: "seconds",
                help: "Time since the client access token in use was fetched.",
                samples: seconds(\.tokenAge)
            ),
            DaemonMetrics.Metric(
                "mosaicd_token_validity_seconds",
                .gauge,
                unit: "seconds",
                help: "Time that the client access token can still be used; 0 if it has expired.",
                samples: seconds(\.tokenRemaining)
            ),
            DaemonMetrics.Metric(
                "mosaicd_upstream_breaker_state",
                .gauge,
                help:
                    "What the circuit breaker of a group of endpoints does: 0 calls pass, 2 only one of each user per second "
                    + "passes, 1 such a call is on its way.",
                samples: statuses.flatMap { name, status in
                    APIEndpoint.Group.allCases.map { group in
                        DaemonMetrics.Sample(
                            ["client": name, "group": group.rawValue],
                            Double(status.breakers[group, default: .closed].severity)
                        )
                    }
                }
            ),
        ]
    }
}

extension MosaicClientStatus.BreakerState {
    fileprivate var severity: Int {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
