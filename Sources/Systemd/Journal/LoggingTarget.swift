internal import Glibc

/// Where log messages go; found out once, at the start.
package enum LoggingTarget: Hashable, Sendable {
    /// How a line of text is written.
    package enum TextFormat: Hashable, Sendable {
        /// For people: time, level, message, metadata.
        case plain
        /// For a stream that journald reads: the priority in the form `<6>`, message, metadata. journald knows the time.
        case priorityPrefixed
    }

    /// journald, with all fields.
    case journal
    /// Lines of text on an open descriptor.
    case stream(descriptor: CInt, format: TextFormat)

    /// The journal, when standard error leads there and journald listens; else standard error.
    ///
    /// A user who redirects the standard error of a service, or starts it in a terminal, finds the messages there.
    package static func detect(
        environment: Environment = .process,
        journal: JournalSender = JournalSender(),
        standardError: CInt = STDERR_FILENO
    ) -> LoggingTarget {
        guard self.isJournalStream(standardError, environment: environment) else {
            return .stream(descriptor: standardError, format: .plain)
        }
        return journal.isAvailable ? .journal : .stream(descriptor: standardError, format: .priorityPrefixed)
    }

    /// Whether `descriptor` is the one of which `$JOURNAL_STREAM` (`device:inode`, systemd.exec(5)) says that it leads to
    /// the journal. The variable alone is not enough: it is inherited by processes whose output goes elsewhere.
    static func isJournalStream(_ descriptor: CInt, environment: Environment) -> Bool {
        guard let parts = environment["JOURNAL_STREAM"]?.split(separator: ":", omittingEmptySubsequences: false),
            parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1])
        else { return false }
        return (try? FileStatus(ofDescriptor: descriptor))?.inode == FileStatus.Inode(device: device, number: inode)
    }
}
