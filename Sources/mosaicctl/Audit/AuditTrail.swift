import Glibc
import Systemd

/// The audit trail in a journal, read from one end to the other, or on and on.
struct AuditTrail: ~Copyable {
    private let reader: JournalReader
    private let query: AuditQuery
    /// Entries that could not be read.
    private(set) var unreadable = 0

    private init(_ reader: consuming JournalReader, _ query: AuditQuery) {
        self.reader = reader
        self.query = query
    }

    /// Opens the journal.
    ///
    /// - Parameters:
    ///   - thisBoot: whether only the boot of now counts, or in a journal from elsewhere the last one.
    ///   - follows: whether ``follow(after:orFrom:_:)`` will be called.
    /// - Throws: `CommandFailure` if it cannot be read.
    static func open(
        _ source: JournalReader.Source,
        _ query: AuditQuery,
        thisBoot: Bool,
        follows: Bool
    ) throws(CommandFailure) -> AuditTrail {
        try checkAccess(to: source)
        var query = query
        do throws(SystemCallError) {
            if thisBoot { query.boot = try boot(of: source) }
            let reader = try JournalReader(source)
            if follows { _ = try reader.descriptor }
            try reader.apply(query.filter)
            return AuditTrail(reader, query)
        } catch {
            throw CommandFailure(.internal, "the journal cannot be read: \(error)")
        }
    }

    /// libsystemd would show what may not be read as empty, and an empty answer would be taken for a good one.
    private static func checkAccess(to source: JournalReader.Source) throws(CommandFailure) {
        switch JournalAccess.check(source) {
        case .readable: return
        case .denied(let path):
            throw CommandFailure(
                .forbidden,
                "the journal may not be read (\(path)): become root, or a member of the group systemd-journal or adm, "
                    + "and log in again",
                kind: "permission_denied"
            )
        case .missing:
            switch source {
            case .machine:
                throw CommandFailure(
                    .refused,
                    "this machine has no journal in /run/log/journal and /var/log/journal: "
                        + "systemctl status systemd-journald",
                    kind: "no_journal"
                )
            case .directory(let path): throw CommandFailure(.usage, "there is no journal in \(path)")
            case .files(let paths): throw CommandFailure(.usage, "there is no \(paths.joined(separator: ", "))")
            }
        }
    }

    private static func boot(of source: JournalReader.Source) throws(SystemCallError) -> String? {
        if source == .machine { return BootID.current()?.digits }
        let reader = try JournalReader(source)
        try reader.seekTail()
        return try reader.previous() ? reader.entry["_BOOT_ID"] : nil
    }

    /// Calls `body` with all records that are wanted, oldest first.
    mutating func forEach(_ body: (AuditTrailRecord) throws -> Void) throws {
        if let since = query.since { try reader.seek(to: since) } else { try reader.seekHead() }
        while try reader.next() {
            if try isPast(query.until, >) { return }
            if let record = try record() { try body(record) }
        }
    }

    /// Calls `body` with the last `count` records that are wanted, or with all, newest first.
    mutating func forEachBackwards(_ count: Int?, _ body: (AuditTrailRecord) throws -> Void) throws {
        var left = count ?? .max
        if let until = query.until {
            try reader.seek(to: WallTime(microseconds: until.microseconds + 1))
        } else {
            try reader.seekTail()
        }
        while left > 0, try reader.previous() {
            if try isPast(query.since, <) { return }
            // Where the clock was set back, entries behind the limit can come before it.
            if try isPast(query.until, >) { continue }
            guard let record = try record() else { continue }
            left -= 1
            try body(record)
        }
    }

    /// Calls `body` with every further record as it comes, until a signal ends it or the output is not read any more.
    ///
    /// - Parameter cursor: the record after which to go on; without one, `time`.
    /// - Returns: once told to stop by SIGINT or SIGTERM, or because the reader of standard output has gone.
    mutating func follow(
        after cursor: String?,
        orFrom time: WallTime,
        _ body: (AuditTrailRecord) throws -> Void
    ) throws {
        try seek(after: cursor, orFrom: time)
        while true {
            guard let signal = try followUntilSignal(body) else { return }
            switch signal {
            case SIGINT, SIGTERM: return
            // Its own action is back in place: an end ends here, a stop returns later.
            default: TerminalSignals.letThrough(signal)
            }
        }
    }

    private func seek(after cursor: String?, orFrom time: WallTime) throws(SystemCallError) {
        guard let cursor else { return try reader.seek(to: time) }
        try reader.seek(toCursor: cursor)
        _ = try reader.next()
        // Gone meanwhile, by a rotation that deletes old files: `next` has then found the one after it.
        if try reader.cursor != cursor { _ = try reader.previous() }
    }

    /// nil when the output is not read any more.
    private mutating func followUntilSignal(_ body: (AuditTrailRecord) throws -> Void) throws -> Int32? {
        let signals = try TerminalSignals()
        while true {
            while try reader.next() {
                if let record = try record() { try body(record) }
            }
            let ready = try waitUntilReady(
                [try reader.descriptor, signals.descriptor],
                for: POLLIN,
                orHangUpOf: STDOUT_FILENO,
                atMost: try reader.timeout
            )
            if let signal = signals.next() { return signal }
            if ready.contains(STDOUT_FILENO) { return nil }
            _ = try reader.process()
        }
    }

    private func isPast(_ limit: WallTime?, _ isBeyond: (WallTime, WallTime) -> Bool) throws(SystemCallError) -> Bool {
        guard let limit else { return false }
        return isBeyond(try reader.time, limit)
    }

    /// The record at the position, if it is wanted. One that cannot be read, in a damaged file, is counted.
    private mutating func record() throws(SystemCallError) -> AuditTrailRecord? {
        do throws(SystemCallError) {
            return query.record(try reader.entry)
        } catch {
            guard [EBADMSG, EADDRNOTAVAIL, EPROTONOSUPPORT].contains(error.number) else { throw error }
            unreadable += 1
            return nil
        }
    }
}
