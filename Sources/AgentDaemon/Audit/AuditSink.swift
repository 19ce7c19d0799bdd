/// Where audit entries end up.
///
/// Called from the audit writer's own thread, one entry at a time, in order; it may block.
package protocol AuditSink: Sendable {
    /// Writes one entry, or does the next best thing: an entry is never lost without a trace.
    func write(_ entry: AuditEntry)
}
