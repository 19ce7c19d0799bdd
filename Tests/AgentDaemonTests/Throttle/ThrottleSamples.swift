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

extension Throttle {
    /// Begins an attempt that should not have to wait; one that would is given up and refused.
    func beginAttempt(
        at target: ThrottleTarget,
        by caller: ThrottleCaller
    ) throws(ThrottleRejection) -> AttemptTicket {
        switch try requestAttempt(at: target, by: caller) {
        case .admitted(let ticket): return ticket
        case .waiting(let attempt):
            leave(attempt)
            throw ThrottleRejection(budget: .inFlight, retryAfter: .seconds(1))
        }
    }

    /// Sends a code by mail.
    func beginSend(to target: ThrottleTarget, by caller: ThrottleCaller) throws(ThrottleRejection) -> SendTicket {
        try beginSend(to: target, by: caller, ThrottleSamples.mailedCode)
    }
}

extension ThrottleSamples {
    static let mailedCode = SendKind(method: "otp.send", channel: "email")
    static let mailedLink = SendKind(method: "link.send", channel: "email")
}

extension ThrottleCapacity {
    /// As much room for answers without a decision as for failures.
    init(failures: Int, sends: Int, rates: Int) {
        self.init(failures: failures, undecided: failures, sends: sends, rates: rates)
    }
}
