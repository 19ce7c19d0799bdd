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
