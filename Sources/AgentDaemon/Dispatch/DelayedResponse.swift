package import AgentProtocol
package import MosaicAPI

/// Holds uniform answers back until the release grid lets them go.
package struct DelayedResponse: Sendable {
    private let grid: ResponseTimeQuantizer
    private let clock: any AgentClock
    private let jitter: @Sendable () -> Double

    /// A release on `grid`, measured on `clock`.
    ///
    /// - Parameter jitter: draws a random number from 0 up to 1 for each answer.
    package init(
        grid: ResponseTimeQuantizer,
        clock: any AgentClock,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.grid = grid
        self.clock = clock
        self.jitter = jitter
    }

    /// Whether a result with this verdict has to wait.
    @inline(__always) func holds(_ verdict: Verdict?, isUniform: Bool) -> Bool {
        isUniform && grid.step > .zero && (verdict == .denied || verdict == .accepted)
    }

    /// Returns when a result with this verdict may leave: at once unless the method is uniform and the verdict is one of
    /// those that must not tell what lies behind them (`denied`, `accepted`).
    ///
    /// A call that is cancelled or whose deadline passes before the release gets the answer it would have got had Mosaic
    /// not answered yet: else a short deadline would be a stopwatch. When the agent stops, the wait ends early.
    ///
    /// - Returns: what the caller is told instead of the result, or nil to release the result.
    package func wait(verdict: Verdict?, isUniform: Bool, call: Call) async -> CallLifecycle.EndReason? {
        guard holds(verdict, isUniform: isUniform) else { return nil }
        call.control.hold()
        let release = grid.release(arrival: call.arrival, decision: clock.now, jitter: jitter())
        do {
            try await clock.sleep(until: min(release, call.deadline), tolerance: .zero)
            return release > call.deadline ? .deadline : nil
        } catch {
            let ending = call.control.ending
            return ending == .cancelled || ending == .deadline ? ending : nil
        }
    }
}
