/// How many attempts and sends the throttle lets through.
package struct ThrottleLimits: Sendable, Hashable {
    /// Failed attempts on a target before those who failed there must wait; at least 1.
    package var attemptBudget: Int
    /// How long a failed attempt counts; more than 0.
    package var attemptWindow: Duration
    /// Between two sends of the same kind by a caller to the same target; 0 for no such wait.
    package var sendInterval: Duration
    /// Sends of a caller to the same target in ``sendWindow``; at least 1.
    package var sendBudget: Int
    /// How long a send counts; more than 0.
    package var sendWindow: Duration
    /// Sends of a uid to all targets in ``sendWindow``; at least 1.
    package var callerSendBudget: Int

    /// Limits; those of the design unless told otherwise.
    package init(
        attemptBudget: Int = 4,
        attemptWindow: Duration = .seconds(900),
        sendInterval: Duration = .seconds(30),
        sendBudget: Int = 5,
        sendWindow: Duration = .seconds(3600),
        callerSendBudget: Int = 3600
    ) {
        self.attemptBudget = attemptBudget
        self.attemptWindow = attemptWindow
        self.sendInterval = sendInterval
        self.sendBudget = sendBudget
        self.sendWindow = sendWindow
        self.callerSendBudget = callerSendBudget
    }

    /// How long a send is of any meaning for its target.
    var sendLifetime: Duration { max(sendInterval, sendWindow) }
}

/// How many records the throttle keeps. When there are more, the uid that has most loses its oldest.
package struct ThrottleCapacity: Sendable, Hashable {
    /// Failed attempts.
    package var failures: Int
    /// Attempts that Mosaic answered without deciding anything.
    package var undecided: Int
    /// Sends.
    package var sends: Int
    /// Uids whose rate of sends is known.
    package var rates: Int

    /// A capacity.
    package init(failures: Int, undecided: Int, sends: Int, rates: Int) {
        self.failures = failures
        self.undecided = undecided
        self.sends = sends
        self.rates = rates
    }

    /// The capacity with `records` failed attempts (`ThrottleRecords=`), half as many sends and a quarter as many answers
    /// without a decision.
    package init(records: Int = 32_768) {
        self.init(failures: records, undecided: max(1, records / 4), sends: max(1, records / 2), rates: 1024)
    }
}
