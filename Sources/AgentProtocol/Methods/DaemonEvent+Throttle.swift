public import StrictJSON

extension DaemonEvent {
    /// A user whose budget of attempts has just been used up.
    public struct ExhaustedTarget: WireObject, Hashable {
        /// The user.
        public var target: TargetHash
        /// The configured client through which the last attempt was made.
        public var client: String
        /// Failures in the window, by all callers.
        public var failures: Int
        /// The user id of the caller whose failure was the last.
        public var uid: UInt32
        /// When who has failed is let through again, if nothing else happens.
        public var retryAfterMilliseconds: Int

        /// A user whose budget is used up.
        public init(target: TargetHash, client: String, failures: Int, uid: UInt32, retryAfterMilliseconds: Int) {
            self.target = target
            self.client = client
            self.failures = failures
            self.uid = uid
            self.retryAfterMilliseconds = retryAfterMilliseconds
        }

        /// The schema.
        public static let fields: [Field] = [
            .targetHash,
            .required("client", .anyText, doc: "The configured client through which the last attempt was made."),
            .required("failures", .count, doc: "Failures in the window, by all callers."),
            .required("uid", .systemID, doc: "The user id of the caller whose failure was the last."),
            .required(
                "retry_after_ms",
                .count,
                doc: "When those who have failed are let through again, if nothing else happens."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            target = try object.targetHash("target")
            client = try object.text("client")
            failures = try object.integer("failures", as: Int.self)
            uid = try object.integer("uid", as: UInt32.self)
            retryAfterMilliseconds = try object.integer("retry_after_ms", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("target", target.description)
            writer.member("client", client)
            writer.member("failures", failures)
            writer.member("uid", uid)
            writer.member("retry_after_ms", retryAfterMilliseconds)
        }
    }
}
