/// Where audit entries end up.
package protocol AuditSink: Sendable {
    /// Writes the entries in order, up to the first that cannot be written.
    ///
    /// Called on the audit writer's own thread, one call at a time; it may block. What it has not written it is given again.
    func write(_ entries: [AuditEntry]) -> AuditWriteResult
}

/// What became of entries that a sink was given.
package struct AuditWriteResult: Sendable, Equatable {
    /// How many are written, counted from the first.
    package var written: Int
    /// Why the next one is not, in a few words; nil if all are.
    package var failure: String?

    /// So many were written.
    package init(written: Int, failure: String? = nil) {
        self.written = written
        self.failure = failure
    }
}

/// The sink of an agent that was started with standard error closed and has no journal: it takes nothing.
package struct MissingAuditSink: AuditSink {
    /// A sink that takes nothing.
    package init() {}

    package func write(_ entries: [AuditEntry]) -> AuditWriteResult {
        AuditWriteResult(written: 0, failure: "standard error was closed when the agent was started")
    }
}
