internal import CSystemd
internal import Glibc
internal import Linux

/// Reads a journal entry by entry (sd-journal(3)): a position in it that moves through the entries that match.
///
/// Like libsystemd's own object it belongs to one thread at a time.
@safe package struct JournalReader: ~Copyable {
    /// Which journal.
    package enum Source: Hashable, Sendable {
        /// This machine's.
        case machine
        /// All files in a directory and in its directories of machines.
        case directory(String)
        /// These files.
        case files([String])
    }

    /// What the journal's files have done since the last look.
    package enum Change: Hashable, Sendable {
        /// Nothing.
        case none
        /// There are new entries.
        case appended
        /// Files have come or gone, as by a rotation.
        case invalidated
    }

    // Sound, here and below: the pointer comes from libsystemd, belongs to this value alone, and is given back in `deinit`.
    private let journal: OpaquePointer

    /// Opens a journal; the position is before its first entry.
    ///
    /// No error does not mean that all its files may be read: see ``JournalAccess``.
    package init(_ source: Source) throws(SystemCallError) {
        var journal: OpaquePointer?
        let (call, result) =
            switch source {
            case .machine: ("sd_journal_open", unsafe sd_journal_open(&journal, CInt(SD_JOURNAL_LOCAL_ONLY)))
            case .directory(let path):
                (
                    "sd_journal_open_directory",
                    PathText.withCString(path) { unsafe sd_journal_open_directory(&journal, $0, 0) }
                )
            case .files(let paths): ("sd_journal_open_files", unsafe Self.open(files: paths, &journal))
            }
        guard result >= 0, let journal = unsafe journal else { throw SystemCallError(call: call, number: -result) }
        unsafe self.journal = unsafe journal
        // No field is cut off.
        _ = unsafe sd_journal_set_data_threshold(journal, 0)
    }

    deinit {
        unsafe sd_journal_close(self.journal)
    }

    private static func open(files: [String], _ journal: inout OpaquePointer?) -> CInt {
        // libsystemd opens the files before it returns and keeps no pointer to their names.
        let names = unsafe files.map { unsafe UnsafePointer(PathText.withCString($0) { unsafe strdup($0) }) }
        defer {
            for index in unsafe names.indices { unsafe free(UnsafeMutablePointer(mutating: names[index])) }
        }
        var list = unsafe names + [nil]
        return unsafe sd_journal_open_files(&journal, &list, 0)
    }

    /// Lets only entries through that `filter` accepts. To be called once, before the first move.
    package func apply(_ filter: JournalFilter) throws(SystemCallError) {
        for group in filter.groups {
            for (index, match) in group.enumerated() {
                if index > 0 {
                    try self.check("sd_journal_add_disjunction", unsafe sd_journal_add_disjunction(journal))
                }
                let field = Array("\(match.field)=\(match.value)".utf8)
                // Sound: libsystemd copies the bytes.
                try self.check("sd_journal_add_match", unsafe sd_journal_add_match(journal, field, field.count))
            }
            try self.check("sd_journal_add_conjunction", unsafe sd_journal_add_conjunction(journal))
        }
    }

    /// Goes before the first entry.
    package func seekHead() throws(SystemCallError) {
        try self.check("sd_journal_seek_head", unsafe sd_journal_seek_head(journal))
    }

    /// Goes behind the last entry.
    package func seekTail() throws(SystemCallError) {
        try self.check("sd_journal_seek_tail", unsafe sd_journal_seek_tail(journal))
    }

    /// Goes between the entries before `time` and those from it on.
    package func seek(to time: WallTime) throws(SystemCallError) {
        let time = UInt64(clamping: time.microseconds)
        try self.check("sd_journal_seek_realtime_usec", unsafe sd_journal_seek_realtime_usec(journal, time))
    }

    /// Goes to where ``next()`` leads to the entry with this cursor.
    package func seek(toCursor cursor: String) throws(SystemCallError) {
        // Sound: Swift lends the text with its final zero for the length of the call.
        try self.check("sd_journal_seek_cursor", unsafe sd_journal_seek_cursor(journal, cursor))
    }

    /// Moves to the next entry; false when there is none.
    package func next() throws(SystemCallError) -> Bool {
        try self.check("sd_journal_next", unsafe sd_journal_next(journal)) > 0
    }

    /// Moves to the entry before; false when there is none.
    package func previous() throws(SystemCallError) -> Bool {
        try self.check("sd_journal_previous", unsafe sd_journal_previous(journal)) > 0
    }

    /// When journald received the entry.
    package var time: WallTime {
        get throws(SystemCallError) {
            var microseconds: UInt64 = 0
            // Sound: libsystemd fills the one integer.
            let result = unsafe sd_journal_get_realtime_usec(journal, &microseconds)
            try self.check("sd_journal_get_realtime_usec", result)
            return WallTime(microseconds: Int64(clamping: microseconds))
        }
    }

    /// The entry's cursor, which names it in this journal and its copies.
    package var cursor: String {
        get throws(SystemCallError) {
            var text: UnsafeMutablePointer<CChar>?
            let result = unsafe sd_journal_get_cursor(journal, &text)
            defer { unsafe free(text) }
            try self.check("sd_journal_get_cursor", result)
            // Sound: a text with its final zero that is ours until it is freed.
            return unsafe text.map { unsafe String(cString: $0) } ?? ""
        }
    }

    /// The entry at the position, whole.
    package var entry: JournalEntry {
        get throws(SystemCallError) {
            var fields: [String: [String]] = [:]
            unsafe sd_journal_restart_data(journal)
            while true {
                var data: UnsafeRawPointer?
                var count = 0
                let result = unsafe sd_journal_enumerate_available_data(journal, &data, &count)
                guard try self.check("sd_journal_enumerate_available_data", result) > 0 else { break }
                // Sound: as many bytes as libsystemd says, copied before the next call takes them away.
                let bytes = unsafe UnsafeRawBufferPointer(start: data, count: count)
                let end = unsafe bytes.firstIndex(of: UInt8(ascii: "=")) ?? count
                let name = unsafe String(decoding: bytes[..<end], as: UTF8.self)
                let value = unsafe String(decoding: bytes[min(end + 1, count)...], as: UTF8.self)
                fields[name, default: []].append(value)
            }
            return JournalEntry(cursor: try self.cursor, time: try self.time, fields: fields)
        }
    }

    /// A descriptor that can be read from (poll(2)) when ``process()`` has something to tell. The journal is watched from
    /// the first time on that it is asked for, so ask before reading, or entries that come in between go unnoticed.
    package var descriptor: CInt {
        get throws(SystemCallError) { try self.check("sd_journal_get_fd", unsafe sd_journal_get_fd(journal)) }
    }

    /// How long to wait for the descriptor at most: nil for as long as it takes. Journals on some network file systems
    /// must be looked at now and then.
    package var timeout: Duration? {
        get throws(SystemCallError) {
            var time: UInt64 = 0
            // Sound: libsystemd fills the one integer, a time on CLOCK_MONOTONIC in microseconds.
            try self.check("sd_journal_get_timeout", unsafe sd_journal_get_timeout(journal, &time))
            guard time != .max else { return nil }
            let rest = Int64(clamping: time) - SystemClock.nanoseconds(CLOCK_MONOTONIC) / 1000
            return .microseconds(max(0, rest))
        }
    }

    /// Takes note of what has happened to the files.
    package func process() throws(SystemCallError) -> Change {
        switch try self.check("sd_journal_process", unsafe sd_journal_process(journal)) {
        case CInt(SD_JOURNAL_NOP): .none
        case CInt(SD_JOURNAL_APPEND): .appended
        default: .invalidated
        }
    }

    @discardableResult private func check(_ call: String, _ result: CInt) throws(SystemCallError) -> CInt {
        guard result >= 0 else { throw SystemCallError(call: call, number: -result) }
        return result
    }
}

/// One entry of a journal as it was read.
package struct JournalEntry: Hashable, Sendable {
    /// Names it in its journal and in copies of that.
    package let cursor: String
    /// When journald received it.
    package let time: WallTime
    /// All fields with their values; a field can have several. Bytes that are no UTF-8 are repaired.
    package let fields: [String: [String]]

    /// An entry.
    package init(cursor: String, time: WallTime, fields: [String: [String]]) {
        self.cursor = cursor
        self.time = time
        self.fields = fields
    }

    /// The field's only value, or the first one.
    package subscript(field: String) -> String? { self.fields[field]?.first }
}
