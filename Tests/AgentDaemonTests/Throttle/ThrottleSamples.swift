import AgentProtocol

@testable import AgentDaemon

/// Targets, callers and an instant to start from, for tests of the throttle.
enum ThrottleSamples {
    static let start = ContinuousClock.now

    static func target(_ number: Int, application: String = "app") -> ThrottleTarget {
        ThrottleTarget(application: application, digest: TargetDigest.Value(high: 7, low: UInt64(number)))
    }

    static func caller(_ uid: UInt32, _ address: String? = nil) -> ThrottleCaller {
        ThrottleCaller(uid: uid, address: address.flatMap { ClientAddress($0) })
    }
}
