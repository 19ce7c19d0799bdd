/// The dispatcher's one answer to one call.
package struct Answer: Sendable {
    /// The whole response as one line of JSON, without the LF.
    package let line: [UInt8]
    /// The call's audit record, complete but for the question whether its caller was there to take the answer.
    package let audit: (any AuditSubmission)?

    /// An answer with its audit record.
    package init(line: [UInt8], audit: (any AuditSubmission)?) {
        self.line = line
        self.audit = audit
    }
}

/// An audit record that waits for one last fact.
///
/// The dispatcher makes it with the answer; the connection submits it exactly once, as soon as the answer is ready: the
/// record and its place in the queue do not wait for the peer to read. Everything here runs on the connection's event
/// loop, so nothing of it may block.
package protocol AuditSubmission: Sendable {
    /// Completes the record and hands it to the audit queue.
    ///
    /// - Parameter delivered: whether the connection was there when the answer was ready (`MOSAIC_DELIVERED=1`); whether
    ///   the peer's program will read it cannot be known.
    func submit(delivered: Bool)

    /// The answer of a record that was submitted as delivered was lost after all: the connection ended before the kernel had
    /// taken it in full. That makes a second record.
    func answerLost()
}
