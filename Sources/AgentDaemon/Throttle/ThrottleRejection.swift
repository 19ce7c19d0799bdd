/// The throttle does not let a call through.
package struct ThrottleRejection: Error, Sendable, Hashable {
    /// What is used up; the names are those of audit records.
    package enum Budget: String, Sendable, Hashable, CaseIterable {
        /// The attempts on a target.
        case attempts
        /// The room that a uid has for failures, on all targets.
        case callerAttempts = "caller_attempts"
        /// The attempts of a caller on a target that Mosaic answered without deciding anything.
        case undecided
        /// The attempts of a caller on a target that wait for others of its own there.
        case inFlight = "in_flight"
        /// The sends of a caller to a target.
        case sends
        /// The sends of a uid to all targets.
        case callerSends = "caller_sends"
    }

    /// What is used up.
    package let budget: Budget
    /// When there is room again, if nothing else happens; more than 0.
    package let retryAfter: Duration
}

/// How an attempt ended.
package enum AttemptEnd: Sendable, Hashable {
    /// It was refused, or may have been, by as many checks at Mosaic: each counts.
    case failures(Int)
    /// The caller knew what it had to know: its own failures are forgiven.
    case succeeded
    /// Nothing was decided: as if it had not been made.
    case undecided
    /// Mosaic answered, but neither yes nor no: too many of them hold the caller up.
    case undecidedAnswer

    /// It was refused, or may have been: it counts.
    package static let failed = AttemptEnd.failures(1)
}

/// An attempt that is under way. To be given back to ``Throttle/release(_:at:_:)`` exactly once.
package struct AttemptTicket: Sendable {
    let target: ThrottleTarget
    let caller: ThrottleCaller
}

/// A send that was let through. May be given back to ``Throttle/giveBack(_:)`` if it has provably not happened.
package struct SendTicket: Sendable {
    let caller: ThrottleCaller
    /// The send's record, and the number that tells it from others that stood in the same place.
    let slot: Int
    let serial: UInt64
}
