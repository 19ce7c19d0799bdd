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
    private let writer: LogWriter?
    private let sharedLevel: LogLevelSetting
    private var ownLevel: Logger.Level?

    /// - Parameters:
    ///   - label: The logger's label.
    ///   - identifier: What `journalctl -t` selects: the name of the program.
    ///   - target: Where to.
    ///   - level: The level while none was set on the logger itself.
    ///   - writer: Writes the messages, to the same target; without one they are written at once, by the thread that logs.
    package init(
        label: String,
        identifier: String,
        target: LoggingTarget,
        level: LogLevelSetting,
        writer: LogWriter? = nil,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.identifier = identifier
        self.target = target
        self.writer = writer
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

    /// Writes the event, or has it written. A message that cannot be delivered is lost: there is nowhere else to say so.
    package func log(event: LogEvent) {
        let output = self.output(for: event)
        guard let writer = self.writer else { return (try? self.target.write(output)) ?? () }
        writer.add(output)
    }

    /// `event` as the target takes it.
    private func output(for event: LogEvent) -> LogOutput {
        switch self.target {
        case .journal: .record(self.record(of: event))
        case .stream(_, let format): .line(Array(self.line(of: event, format: format, at: .now()).utf8))
        }
    }

    /// The message that tells how many others were lost.
    static func notice(ofLost count: UInt64, identifier: String, target: LoggingTarget) -> LogOutput {
        let handler = JournalLogHandler(
            label: identifier,
            identifier: identifier,
            target: target,
            level: LogLevelSetting(.info)
        )
        return handler.output(
            for: LogEvent(
                level: .warning,
                message: "log messages were lost: the log did not take them in time",
                error: nil,
                metadata: ["lost": "\(count)"],
                source: nil,
                file: #fileID,
                function: #function,
                line: #line
            )
        )
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
