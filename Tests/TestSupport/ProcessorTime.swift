import Glibc

/// The processor time that a piece of work takes on this thread (CLOCK_THREAD_CPUTIME_ID of clock_gettime(2)): unlike the time
/// that passes, it does not count what else the machine does.
///
/// - Parameter work: Done as often as `rounds` says; the shortest time counts.
package func processorTime(rounds: Int = 3, of work: () throws -> Void) rethrows -> Duration {
    var shortest: Duration?
    for _ in 0..<rounds {
        let start = threadTime()
        try work()
        let time = threadTime() - start
        shortest = min(shortest ?? time, time)
    }
    return shortest ?? .zero
}

private func threadTime() -> Duration {
    var time = timespec()
    // Sound: the call fills a value of ours; it fails only for a clock that is not there.
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
