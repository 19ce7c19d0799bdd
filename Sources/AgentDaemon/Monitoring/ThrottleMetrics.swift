import AgentProtocol

extension ThrottleTotals {
    /// What was refused, and how full the memory is. No user and no caller is a label.
    var metrics: [DaemonMetrics.Metric] {
        let records = [("failures", failures), ("undecided", undecided), ("sends", sends), ("callers", rates)]
        func metric(
            _ name: String,
            _ type: MetricType,
            _ help: String,
            _ value: (Records) -> Int
        ) -> DaemonMetrics.Metric {
            DaemonMetrics.Metric(
                name,
                type,
                help: help,
                samples: records.map { DaemonMetrics.Sample(["kind": $0.0], Double(value($0.1))) }
            )
        }
        return [
            DaemonMetrics.Metric(
                "mosaicd_throttle_refusals_total",
                .counter,
                help: "Calls refused by the throttle, by the budget that was used up.",
                samples: ThrottleRejection.Budget.allCases.map { budget in
                    DaemonMetrics.Sample(["budget": budget.rawValue], Double(refused[budget] ?? 0))
                }
            ),
            .gauge(
                "mosaicd_throttle_exhausted_targets",
                "Users whose budget of attempts is used up at the moment, counted per application.",
                exhaustedTargets
            ),
            .gauge(
                "mosaicd_throttle_waiting_attempts",
                "Attempts that wait for earlier ones of the same caller on the same user.",
                attemptsWaiting
            ),
            metric("mosaicd_throttle_records", .gauge, "Records of the throttle.") { $0.count },
            metric("mosaicd_throttle_records_capacity", .gauge, "Records that the throttle has room for.") {
                $0.capacity
            },
            metric(
                "mosaicd_throttle_records_evicted_total",
                .counter,
                "Records that had to make room for others: the oldest of the caller who had most."
            ) { $0.evicted },
        ]
    }
}
