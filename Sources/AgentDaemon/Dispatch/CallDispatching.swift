/// What turns calls into answers: the seam between the sockets and everything behind them.
package protocol CallDispatching: Sendable {
    /// Answers one call. Never throws: every failure is an answer, and every answer carries exactly one audit record.
    ///
    /// Called once for each request that was read and well-formed, also for one that ended before its turn came (met its
    /// deadline or was cancelled while parked, its peer left, or the daemon is stopping): `call.control.ending` says so,
    /// and the dispatcher then answers at once, without side effects, with outcome `not_sent`.
    ///
    /// When the call is ended while it runs, its task is cancelled and `call.control.ending` has the reason; the
    /// dispatcher then returns promptly, with the outcome that `call.control.progress` tells. It runs on the
    /// connection's event loop by preference, so it must never block.
    func dispatch(_ call: Call) async -> Answer
}
