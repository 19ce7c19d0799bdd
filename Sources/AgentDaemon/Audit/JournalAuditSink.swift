package import Systemd

/// Writes audit entries to the journal, and to standard error whenever there is no journal to take them.
package struct JournalAuditSink: AuditSink {
    private let journal: JournalSender
    private let fallback: any AuditSink

    /// A sink to the journal.
    ///
    /// - Parameter fallback: gets what the journal does not take.
    package init(journal: JournalSender = JournalSender(), fallback: any AuditSink) {
        self.journal = journal
        self.fallback = fallback
    }

    package func write(_ entries: [AuditEntry]) {
        // Asked for each batch: libsystemd reports success for records that nobody received, and journald may be gone
        // for a while.
        guard journal.isAvailable else { return fallback.write(entries) }
        for entry in entries {
            do {
                try journal.send(entry.journalRecord)
            } catch {
                fallback.write([entry])
            }
        }
    }
}

extension AuditEntry {
    /// The entry as the journal takes it.
    package var journalRecord: JournalRecord {
        var record = JournalRecord()
        record.append("MESSAGE", message)
        record.append("PRIORITY", priority)
        record.append("SYSLOG_IDENTIFIER", "mosaicd")
        for field in fields {
            record.append(field.name, field.value)
        }
        return record
    }
}
