/// The dispatcher's one answer to one call.
package struct Answer: Sendable {
    /// The whole response as one line of JSON, without the LF.
    package let line: [UInt8]
    /// The call's audit record, complete but for the question whether the answer reached the caller.
    package let audit: (any AuditSubmission)?

    /// An answer with its audit record.
    package init(line: [UInt8], audit: (any AuditSubmission)?) {
        self.line = line
        self.audit = audit
    }
}

/// An audit record that waits for one last fact.
///
/// The dispatcher makes it with the answer; the connection submits it exactly once, when it knows what became of the
/// answer, on the connection's event loop. So ``submit(delivered:)`` must not block.
package protocol AuditSubmission: Sendable {
    /// Completes the record and hands it to the audit queue.
    ///
    /// - Parameter delivered: true if the kernel took the whole answer for a connection that was open
    ///   (`MOSAIC_DELIVERED=1`); whether the peer's program has read it cannot be known.
    func submit(delivered: Bool)
}
