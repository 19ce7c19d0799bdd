public import NIOCore
public import NIOPosix

extension AgentClient {
    /// How a connection behaves.
    public struct Configuration: Sendable {
        /// The event loops to use; one serves any number of connections.
        public var eventLoopGroup: any EventLoopGroup
        /// How long to wait for an answer beyond the call's own deadline, within which the agent always answers.
        public var deadlineGrace: Duration
        /// How long to wait for the answer of a call whose task was cancelled.
        public var cancellationGrace: Duration

        /// The settings for most programs: the process's shared event loops, two seconds of patience.
        public init(
            eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
            deadlineGrace: Duration = .seconds(2),
            cancellationGrace: Duration = .seconds(2)
        ) {
            self.eventLoopGroup = eventLoopGroup
            self.deadlineGrace = deadlineGrace
            self.cancellationGrace = cancellationGrace
        }

        /// For programs that make a call or two and end: one event loop, so that starting does not cost a thread per
        /// processor.
        package static let shortLived = Configuration(
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1)
        )
    }
}
