extension ThrottleList {
    /// The limits in force, from the section `[Daemon]` of the configuration.
    public struct Limits: CountsObject, Hashable {
        /// Failures on one user, by all callers together, from which on who has failed is refused.
        public var attemptBudget = 0
        /// How long a failure counts.
        public var attemptWindowMilliseconds = 0
        /// The time between two messages of one caller to one user.
        public var sendIntervalMilliseconds = 0
        /// Messages of one caller to one user in the window.
        public var sendBudget = 0
        /// The window of both budgets of messages.
        public var sendWindowMilliseconds = 0
        /// Messages of one caller to all users in the window.
        public var callerSendBudget = 0

        /// Limits that let nothing pass.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<Limits>] = [
            IntegerMember(
                "attempt_budget",
                \.attemptBudget,
                "Failures on one user, by all callers together, from which on who has failed is refused (`AttemptBudget=`)."
            ),
            IntegerMember("attempt_window_ms", \.attemptWindowMilliseconds, "How long one counts (`AttemptWindow=`)."),
            IntegerMember(
                "send_interval_ms",
                \.sendIntervalMilliseconds,
                "The time between two messages of one method and channel, of one caller to one user (`SendInterval=`)."
            ),
            IntegerMember("send_budget", \.sendBudget, "Messages of one caller to one user (`SendBudget=`)."),
            IntegerMember(
                "send_window_ms",
                \.sendWindowMilliseconds,
                "The time that both budgets of messages are for (`SendWindow=`)."
            ),
            IntegerMember(
                "caller_send_budget",
                \.callerSendBudget,
                "Messages of one caller to all users (`CallerSendBudget=`)."
            ),
        ]
    }

    /// How many entries of each list there are.
    public struct Totals: CountsObject, Hashable {
        /// Users with failed attempts or attempts in flight.
        public var attempts = 0
        /// Pairs of a caller and a user.
        public var sends = 0
        /// Callers.
        public var callers = 0

        /// No entries.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<Totals>] = [
            IntegerMember("attempts", \.attempts, "Entries of `attempts`."),
            IntegerMember("sends", \.sends, "Entries of `sends`."),
            IntegerMember("callers", \.callers, "Entries of `callers`."),
        ]
    }
}
