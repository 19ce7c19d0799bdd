extension DaemonStatus {
    /// The records of the throttle, and for how many there is room.
    public struct ThrottleStatus: CountsObject, Hashable {
        /// Users whose budget of attempts is used up.
        public var exhaustedTargets = 0
        /// Failed attempts that count.
        public var failures = 0
        /// The most of them.
        public var failuresCapacity = 0
        /// Messages sent that count.
        public var sends = 0
        /// The most of them.
        public var sendsCapacity = 0
        /// Callers who have had messages sent.
        public var callers = 0
        /// The most of them.
        public var callersCapacity = 0
        /// Records that had to make room for others since the start.
        public var evicted = 0

        /// No records, and no room for any.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<ThrottleStatus>] = [
            IntegerMember(
                "exhausted_targets",
                \.exhaustedTargets,
                "Users whose budget of attempts is used up at the moment, counted per application."
            ),
            IntegerMember("failures", \.failures, "Failed attempts that are remembered."),
            IntegerMember("failures_capacity", \.failuresCapacity, "The most of them."),
            IntegerMember("sends", \.sends, "Messages to users that are remembered."),
            IntegerMember("sends_capacity", \.sendsCapacity, "The most of them."),
            IntegerMember("callers", \.callers, "Callers whose messages to all users are counted."),
            IntegerMember("callers_capacity", \.callersCapacity, "The most of them."),
            IntegerMember(
                "evicted",
                \.evicted,
                "Records that had to make room for others, all since the start: the oldest of the caller who had most."
            ),
        ]
    }
}
