package import Logging
internal import Synchronization

/// Keeps what can go wrong over and over, because of a caller or an outage, from filling the journal: equal warnings and
/// errors are written once, then once per interval, with their number in the metadata `repeated`.
///
/// Equal means: from the same line of the source, with the same level, message and metadata, but for values that are marked
/// `LogOccurrence.single`. Critical messages and those below warnings are not held back.
package struct LimitedLogHandler: LogHandler {
    private var handler: any LogHandler
    private let limiter: LogDeduplicator

    /// Puts the limit of `limiter` before `handler`.
    package init(_ handler: any LogHandler, limiter: LogDeduplicator) {
        self.handler = handler
        self.limiter = limiter
    }

    /// That of the handler behind.
    package var metadata: Logger.Metadata {
        get { self.handler.metadata }
        set { self.handler.metadata = newValue }
    }

    /// That of the handler behind.
    package var metadataProvider: Logger.MetadataProvider? {
        get { self.handler.metadataProvider }
        set { self.handler.metadataProvider = newValue }
    }

    /// That of the handler behind.
    package var logLevel: Logger.Level {
        get { self.handler.logLevel }
        set { self.handler.logLevel = newValue }
    }

    /// That of the handler behind.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.handler[metadataKey: key] }
        set { self.handler[metadataKey: key] = newValue }
    }

    /// Writes the event, or holds it back.
    package func log(event: LogEvent) {
        switch event.level {
        case .warning, .error: self.limiter.log(event, to: self.handler)
        case .trace, .debug, .info, .notice, .critical: self.handler.log(event: event)
        }
    }
}

/// Counts the warnings and errors of all loggers of a process, and remembers those that are held back.
package final class LogDeduplicator: Sendable {
    /// How long equal messages are held back.
    package static let interval = Duration.seconds(60)
    /// How many different messages are told apart at a time.
    package static let capacity = 256

    /// What makes messages equal.
    private struct Key: Hashable {
        let file: String
        let line: UInt
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private struct Held {
        let event: LogEvent
        let handler: any LogHandler
    }

    private let limit = Mutex(
        RepetitionLimit<Key, Held>(interval: LogDeduplicator.interval, capacity: LogDeduplicator.capacity)
    )
    private let now: @Sendable () -> ContinuousClock.Instant

    /// A limiter that has seen nothing.
    package init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Writes what has been held back for an interval. To be called now and then.
    package func tellDue() {
        for told in self.limit.withLock({ $0.due(now: self.now()) }) { Self.write(told) }
    }

    /// Writes all that is held back. To be called at the end.
    package func tellRest() {
        for told in self.limit.withLock({ $0.rest() }) { Self.write(told) }
    }

    fileprivate func log(_ event: LogEvent, to handler: any LogHandler) {
        let key = Key(
            file: event.file,
            line: event.line,
            level: event.level,
            message: event.message.description,
            metadata: (event.metadata ?? [:]).filter { $0.value.attributes[LogOccurrence.self] != .single }
                .mapValues(LogText.text)
        )
        let held = Held(event: event, handler: handler)
        if let told = self.limit.withLock({ $0.receive(held, key: key, now: self.now()) }) { Self.write(told) }
    }

    private static func write(_ told: RepetitionLimit<Key, Held>.Summary) {
        var event = told.message.event
        if told.count > 1 { event.metadata = (event.metadata ?? [:]).merging(["repeated": "\(told.count)"]) { $1 } }
        told.message.handler.log(event: event)
    }
}

/// Whether a piece of log metadata belongs to a single occurrence of what the message tells.
///
///     logger.error("A call has failed", metadata: ["call_id": "\(callID, occurrence: .single)"])
///
/// `LimitedLogHandler` takes messages that differ in nothing else for repetitions.
package enum LogOccurrence: Int64, Sendable, Logger.MetadataValueAttributes.Attribute {
    /// The value is another one each time.
    case single = 1
}

extension Logger.MetadataValue.StringInterpolation {
    /// Adds `value`, and marks the whole text with `occurrence`.
    package mutating func appendInterpolation(
        _ value: some CustomStringConvertible & Sendable,
        occurrence: LogOccurrence
    ) {
        self.appendInterpolation(value) { $0[LogOccurrence.self] = occurrence }
    }
}
