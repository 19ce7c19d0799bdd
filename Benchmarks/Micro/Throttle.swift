import AgentDaemon
import Benchmark

/// An attempt that succeeds, in an empty table and in a full one.
func measureThrottle() {
    for isFull in [false, true] {
        let throttle = Throttle(clock: ContinuousClock())
        let count = isFull ? 32_768 : 0
        for number in 0..<count { attempt(throttle, number, uid: UInt32(number), .failed) }
        Benchmark("throttle: an attempt that succeeds, \(count) records") { benchmark in
            var number = 1_000_000
            for _ in benchmark.scaledIterations {
                attempt(throttle, number, uid: 1_000_000, .succeeded)
                number += 1
            }
        }
    }
}

private func attempt(_ throttle: Throttle, _ number: Int, uid: UInt32, _ end: AttemptEnd) {
    let target = ThrottleTarget(application: "app", digest: TargetDigest.Value(high: 7, low: UInt64(number)))
    let caller = ThrottleCaller(uid: uid, address: nil)
    guard case .admitted(let ticket)? = try? throttle.requestAttempt(at: target, by: caller) else {
        fatalError("attempt \(number) was not let through")
    }
    blackHole(throttle.release(ticket, at: target, end))
}
