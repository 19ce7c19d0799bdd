package import AgentProtocol
package import MosaicAPI

/// The instants at which answers that must not differ in time may leave the agent.
///
/// A wrong password, an unknown user and a locked one take Mosaic different times to refuse. Were `denied` sent as soon as
/// it is known, the caller could tell them apart with a stopwatch. So it is held until the next point of a grid that
/// starts at the call's arrival, plus a little jitter that hides what the grid's own rounding might still show.
package struct ResponseTimeQuantizer: Sendable, Equatable {
    /// Distance of the grid's points; zero switches the grid off.
    package var step: Duration
    /// The most that is added to a point.
    package var maximumJitter: Duration

    /// A grid.
    ///
    /// - Parameters:
    ///   - step: distance of the points, 400 ms by default; zero or less releases every answer at once.
    ///   - maximumJitter: the most that is added to a point; 25 ms by default.
    package init(step: Duration = .milliseconds(400), maximumJitter: Duration = .milliseconds(25)) {
        self.step = step
        self.maximumJitter = maximumJitter
    }

    /// When an answer decided at `decision` is released: at the first point `arrival + k × step` (k ≥ 1) after the
    /// decision, plus `jitter` of the maximum jitter.
    ///
    /// - Parameter jitter: a random number from 0 up to 1, drawn anew for each answer.
    package func release(
        arrival: ContinuousClock.Instant,
        decision: ContinuousClock.Instant,
        jitter: Double
    ) -> ContinuousClock.Instant {
        let step = self.step.nanoseconds
        guard step > 0 else { return decision }
        // In whole nanoseconds: a product of a duration and a floating-point number misses the point by a little.
        let elapsed = max(0, (decision - arrival).nanoseconds)
        return arrival + .nanoseconds((elapsed / step + 1) * step) + maximumJitter * min(max(jitter, 0), 1)
    }
}

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
