public import StrictJSON

/// `system.ping`: whether the agent reads and answers.
public enum SystemPing: AgentMethod {
    /// `system.ping` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// An empty object.
    public struct Result: WireObject, MethodResult, Hashable {
        /// No members.
        public static let fields: [Field] = []

        /// An answer to a ping.
        public init() {}

        /// Takes nothing.
        public init(reading object: ObjectReader) {}

        /// Writes nothing.
        public func encodeMembers(to writer: inout JSONWriter) {}
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "system.ping",
        sockets: [.main, .control],
        summary: "Answers at once.",
        doc:
            "The line was read, understood and answered; nothing is asked of Mosaic. Served also while calls are parked.",
        requirement: .everyone
    )
}
