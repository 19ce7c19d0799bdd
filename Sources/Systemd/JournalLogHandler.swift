internal import Glibc
package import Logging

/// Sends log messages to the journal as structured entries, or writes them as lines of text where there is none.
///
/// In the journal an entry has `MESSAGE` (the message, with the metadata behind it for the reader of plain `journalctl`),
/// `PRIORITY`, `SYSLOG_IDENTIFIER`, `LOGGER` (the label), `CODE_FILE`, `CODE_LINE`, `CODE_FUNC`, and one field `MOSAIC_KEY`
/// for each piece of metadata. Values marked `LogSensitivity.sensitive` read `<redacted>` everywhere.
package struct JournalLogHandler: LogHandler {
    /// What every event of this logger carries.
    package var metadata: Logger.Metadata = [:]
    /// What every event carries from its task's context.
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let identifier: String
    private let target: LoggingTarget
    private let sharedLevel: LogLevelSetting
    private var ownLevel: Logger.Level?

    /// - Parameters:
    ///   - label: The logger's label.
    ///   - identifier: What `journalctl -t` selects: the name of the program.
    ///   - target: Where to.
    ///   - level: The level while none was set on the logger itself.
    package init(
        label: String,
        identifier: String,
        target: LoggingTarget,
        level: LogLevelSetting,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.identifier = identifier
        self.target = target
        self.sharedLevel = level
        self.metadataProvider = metadataProvider
    }

    /// The shared level; a level set here is this logger's own from then on.
    package var logLevel: Logger.Level {
        get { self.ownLevel ?? self.sharedLevel.level }
        set { self.ownLevel = newValue }
    }

    /// One piece of `metadata`.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// A message that cannot be delivered is lost: there is nowhere left to say so.
    package func log(event: LogEvent) {
        switch self.target {
        case .journal:
            try? JournalSender().send(self.record(of: event))
        case .stream(let descriptor, let format):
            let line = self.line(of: event, format: format, at: .now())
            DescriptorOutput.write(Array(line.utf8), to: descriptor)
        }
    }

    /// The journal entry for `event`.
    func record(of event: LogEvent) -> JournalRecord {
        let metadata = self.effectiveMetadata(of: event)
        var record = JournalRecord()
        // The message itself may have several lines: a journal field can. What is put behind it may not add any.
        record.append("MESSAGE", event.message.description + LogText.line("", metadata))
        record.append(JournalPriority(event.level))
        record.append("SYSLOG_IDENTIFIER", self.identifier)
        record.append("LOGGER", self.label)
        record.append("CODE_FILE", event.file)
        record.append("CODE_LINE", event.line)
        record.append("CODE_FUNC", event.function)
        for (key, value) in metadata {
            record.append(JournalFieldName(metadataKey: key), value)
        }
        return record
    }

    /// The line of text for `event`, with its line break.
    func line(of event: LogEvent, format: LoggingTarget.TextFormat, at time: WallTime) -> String {
        let text = LogText.line(event.message.description, self.effectiveMetadata(of: event))
        return switch format {
        case .plain: "\(time.utcText(decimals: 3)) \(event.level) \(self.identifier): \(text)\n"
        case .priorityPrefixed: "<\(JournalPriority(event.level).rawValue)>\(text)\n"
        }
    }

    /// What the event says wins over what the logger carries, and that over what is in the task's context. Sorted, so
    /// that equal events read alike.
    private func effectiveMetadata(of event: LogEvent) -> [(key: String, value: String)] {
        var merged = self.metadataProvider?.get() ?? [:]
        merged.merge(self.metadata) { $1 }
        if let error = event.error { merged["error"] = .string(String(describing: error)) }
        if let metadata = event.metadata { merged.merge(metadata) { $1 } }
        return merged.sorted { $0.key < $1.key }.map { ($0.key, LogText.text(of: $0.value)) }
    }
}

extension JournalPriority {
    /// The severity of a log level; the journal has one for `trace` and `debug`.
    package init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace, .debug: .debug
            case .info: .informational
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }
}
