package import Systemd

/// Writes audit entries to the journal, and to standard error whenever there is no journal to take them.
package struct JournalAuditSink: AuditSink {
    private let isAvailable: @Sendable () -> Bool
    private let send: @Sendable (JournalRecord) throws -> Void
    private let fallback: any AuditSink

    /// A sink to the journal.
    ///
    /// - Parameter fallback: gets what the journal does not take.
    package init(journal: JournalSender = JournalSender(), fallback: any AuditSink) {
        self.init(isAvailable: { journal.isAvailable }, send: { try journal.send($0) }, fallback: fallback)
    }

    init(
        isAvailable: @escaping @Sendable () -> Bool,
        send: @escaping @Sendable (JournalRecord) throws -> Void,
        fallback: any AuditSink
    ) {
        self.isAvailable = isAvailable
        self.send = send
        self.fallback = fallback
    }

    package func write(_ entries: [AuditEntry]) -> AuditWriteResult {
        // Asked for each batch: libsystemd reports success for records that were not received, and journald may be gone
        // for a while.
        guard isAvailable() else {
            let result = fallback.write(entries)
            return AuditWriteResult(
                written: result.written,
                failure: result.failure.map { "no journal listens; \($0)" }
            )
        }
        for (index, entry) in entries.enumerated() {
            do {
                try send(entry.journalRecord)
            } catch {
                if let failure = fallback.write([entry]).failure {
                    return AuditWriteResult(written: index, failure: "\(error); \(failure)")
                }
            }
        }
        return AuditWriteResult(written: entries.count)
    }
}

extension AuditEntry {
    /// The entry as the journal takes it.
    package var journalRecord: JournalRecord {
        var record = JournalRecord()
        record.append("MESSAGE", message)
        record.append("PRIORITY", priority)
        record.append("SYSLOG_IDENTIFIER", "mosaicd")
        forEachField { record.append($0, $1) }
        return record
    }
}
