import InMemoryLogging
import Logging
import Synchronization
import Testing

@testable import Systemd

@Suite final class LimitedLogHandlerTests: Sendable {
    private let log = InMemoryLogHandler()
    private let time = Mutex(ContinuousClock.now)

    private func limiter() -> LogDeduplicator { LogDeduplicator(now: { self.time.withLock { $0 } }) }

    private func logger(_ limiter: LogDeduplicator) -> Logger {
        Logger(label: "test") { _ in LimitedLogHandler(self.log, limiter: limiter) }
    }

    private func wait(_ duration: Duration) { self.time.withLock { $0 += duration } }

    private var told: [String] {
        self.log.entries.map { entry in
            entry.metadata.filter { $0.key != "call_id" }.sorted { $0.key < $1.key }
                .reduce("\(entry.message)") { "\($0) \($1.key)=\($1.value)" }
        }
    }

    @Test func `a flood is two lines, and the second has the number`() {
        let limiter = self.limiter()
        let logger = self.logger(limiter)
        for call in 0..<1000 {
            logger.warning("Refused", metadata: ["uid": "7", "call_id": "\(call, occurrence: .single)"])
        }
        #expect(self.told == ["Refused uid=7"])
        limiter.tellDue()
        self.wait(LogDeduplicator.interval)
        limiter.tellDue()
        #expect(self.told == ["Refused uid=7", "Refused repeated=999 uid=7"])
        #expect(self.log.entries.last?.metadata["call_id"]?.description == "999", "of the last one")
        #expect(self.log.entries.allSatisfy { $0.level == .warning })
        limiter.tellRest()
        #expect(self.told.count == 2)
    }

    @Test func `messages that say different things are not held back`() {
        let logger = self.logger(self.limiter())
        for uid in 0..<3 { logger.error("Refused", metadata: ["uid": "\(uid)"]) }
        for word in ["one", "two"] { logger.error("\(word)") }
        #expect(self.told == ["Refused uid=0", "Refused uid=1", "Refused uid=2", "one", "two"])
    }

    @Test func `only warnings and errors are held back`() {
        let logger = self.logger(self.limiter())
        for level in Logger.Level.allCases {
            for _ in 0..<2 { logger.log(level: level, "again") }
        }
        let counts = Dictionary(grouping: self.log.entries, by: \.level).mapValues(\.count)
        #expect(counts[.warning] == 1 && counts[.error] == 1)
        #expect(counts[.info] == 2 && counts[.notice] == 2 && counts[.critical] == 2)
    }

    @Test func `loggers that share a limiter are limited together, those of different places are not`() {
        let limiter = self.limiter()
        let (one, other) = (self.logger(limiter), self.logger(limiter))
        for logger in [one, other] { logger.warning("here") }
        one.warning("here")
        #expect(self.told == ["here", "here"], "two places in the source")
        limiter.tellRest()
        #expect(self.told == ["here", "here", "here"])
    }

    @Test func `level and metadata are those of the handler behind`() {
        var logger = self.logger(self.limiter())
        logger.logLevel = .error
        logger[metadataKey: "client"] = "default"
        logger.warning("silent")
        logger.error("spoken")
        #expect(logger.logLevel == .error && logger[metadataKey: "client"] == "default")
        #expect(self.told == ["spoken client=default"])
    }
}
