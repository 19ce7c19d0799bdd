/// Where audit entries end up.
package protocol AuditSink: Sendable {
    /// Writes the entries in order, or does the next best thing: an entry is never lost without a trace.
    ///
    /// Called on the audit writer's own thread, one call at a time; it may block.
    func write(_ entries: [AuditEntry])
}
