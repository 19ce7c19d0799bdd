/// Which records of the throttle are meant.
package enum ThrottleSelection: Sendable, Hashable {
    /// All of them.
    case all
    /// Those of these users, for all callers.
    case targets([ThrottleTarget])
    /// Those of the user with this digest, of any application, for all callers.
    case digest(TargetDigest.Value)
    /// Those of this uid, and its rate of sends.
    case uid(UInt32)
}

/// What the throttle knows, for people.
package struct ThrottleReport: Sendable, Hashable {
    /// The failures on a target.
    package struct Attempts: Sendable, Hashable {
        /// The target.
        package let target: ThrottleTarget
        /// Failures that count, of all callers.
        package let failures: Int
        /// Attempts that Mosaic answered without deciding anything.
        package let undecided: Int
        /// Attempts under way.
        package let inFlight: Int
        /// Whether callers that failed here have to wait.
        package let isExhausted: Bool
        /// How long they have to, if so.
        package let retryAfter: Duration?
        /// How long ago the last failure was; nil if there is none.
        package let newestAge: Duration?
        /// How many callers have failures here.
        package let callerCount: Int
        /// Those that failed here, who failed last first; no more than were asked for.
        package let callers: [Failures]
    }

    /// The failures of a caller on a target.
    package struct Failures: Sendable, Hashable {
        /// The caller.
        package let caller: ThrottleCaller
        /// Its failures that count.
        package let failures: Int
        /// How long ago the first of them was.
        package let oldestAge: Duration
        /// How long ago the last of them was.
        package let newestAge: Duration
    }

    /// The sends of a caller to a target.
    package struct Sends: Sendable, Hashable {
        /// The target.
        package let target: ThrottleTarget
        /// The caller.
        package let caller: ThrottleCaller
        /// Its sends that count.
        package let count: Int
        /// How long ago the last of them was.
        package let newestAge: Duration
        /// How long until the caller may send every kind of message again; nil if it may.
        package let retryAfter: Duration?
    }

    /// The sends of a uid to all targets.
    package struct Rate: Sendable, Hashable {
        /// The uid.
        package let uid: UInt32
        /// How many of its sends have not been refilled yet.
        package let used: Int
        /// How long it has to wait before the next; nil if it need not.
        package let retryAfter: Duration?
    }

    /// Targets with failures or attempts under way: exhausted ones first, then by their last failure.
    package let attempts: [Attempts]
    /// How many there are, listed or not.
    package let attemptCount: Int
    /// Callers and targets with sends: who has to wait first, then by the last send.
    package let sends: [Sends]
    /// How many there are, listed or not.
    package let sendCount: Int
    /// Uids that have sent: who has to wait first, then by what is used.
    package let callers: [Rate]
    /// How many there are, listed or not.
    package let callerCount: Int
}

/// How many records were removed.
package struct ThrottleCleared: Sendable, Hashable {
    /// Attempts that failed or that Mosaic answered without deciding anything.
    package var failures: Int
    /// Sends.
    package var sends: Int
    /// Rates of uids.
    package var rates: Int
}

/// How full the throttle is, and what it has done since the agent started.
package struct ThrottleTotals: Sendable, Hashable {
    /// Records of a kind.
    package struct Records: Sendable, Hashable {
        /// Records now.
        package var count: Int
        /// Records at most.
        package var capacity: Int
        /// Records that had to go for want of room.
        package var evicted: Int
    }

    /// Failed attempts.
    package var failures: Records
    /// Attempts that Mosaic answered without deciding anything.
    package var undecided: Records
    /// Sends.
    package var sends: Records
    /// Rates of uids.
    package var rates: Records
    /// Attempts under way.
    package var attemptsInFlight: Int
    /// Attempts that wait for others of the same caller on the same target.
    package var attemptsWaiting: Int
    /// Targets where callers that failed have to wait.
    package var exhaustedTargets: Int
    /// Calls that were not let through, by what was used up.
    package var refused: [ThrottleRejection.Budget: Int]

    /// Records of all kinds that had to go for want of room.
    package var evicted: Int { failures.evicted + undecided.evicted + sends.evicted + rates.evicted }
}
