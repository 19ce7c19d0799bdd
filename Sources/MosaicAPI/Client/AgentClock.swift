/// The clock that every wait and every age in the agent is measured on.
///
/// Fixing `Instant` to `ContinuousClock.Instant` lets code hold `any AgentClock` and still compare and subtract
/// instants. On Linux `ContinuousClock` reads `CLOCK_BOOTTIME` (clock_gettime(2)): it runs on while the machine is
/// suspended and ignores steps of the wall clock, so a token's age stays true through both.
package protocol AgentClock: Clock, Sendable where Instant == ContinuousClock.Instant, Duration == Swift.Duration {}

extension ContinuousClock: AgentClock {}
