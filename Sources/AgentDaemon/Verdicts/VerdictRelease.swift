package import AgentProtocol
package import MosaicAPI

/// Holds uniform answers back until the release grid lets them go.
package struct VerdictRelease: Sendable {
    private let grid: ReleaseGrid
    private let clock: any AgentClock
    private let jitter: @Sendable () -> Double

    /// A release on `grid`, measured on `clock`.
    ///
    /// - Parameter jitter: draws a random number from 0 up to 1 for each answer.
    package init(
        grid: ReleaseGrid,
        clock: any AgentClock,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.grid = grid
        self.clock = clock
        self.jitter = jitter
    }

    /// Returns when a result with this verdict may leave: at once unless the method is uniform and the verdict is one of
    /// those that must not tell what lies behind them (`denied`, `accepted`).
    ///
    /// Ends early when the task is cancelled: the agent is stopping and the answer is final either way.
    package func wait(verdict: Verdict?, isUniform: Bool, call: Call) async {
        guard isUniform, verdict == .denied || verdict == .accepted else { return }
        let release = grid.release(
            arrival: call.arrival,
            decision: clock.now,
            deadline: call.deadline,
            jitter: jitter()
        )
        try? await clock.sleep(until: release, tolerance: .zero)
    }
}
