import Glibc
import Linux
package import Logging
package import MosaicAPI
package import Systemd

/// What the agent finds around it when it starts: the service manager, the journal, the clock.
package struct AgentEnvironment: Sendable {
    /// The clock of everything.
    package var clock: any AgentClock
    /// The service manager, if there is one. Telling it something must not block.
    package var notifier: ServiceNotifier
    /// Sockets that the manager handed over.
    package var descriptors: ListenDescriptors
    /// The service's credentials, if it was given any.
    package var credentials: CredentialsDirectory?
    /// Where log messages go.
    package let logging: LoggingTarget
    /// Writes them there, so that nothing waits for it.
    package let log: LogWriter
    /// Where audit records go, and the word for it in the status.
    package var auditSink: (sink: any AuditSink, name: String)
    /// What came back from before a restart, and where to put what the next one is to find.
    package var store: FileDescriptorStore
    /// Which boot this is; nil if it cannot be found out.
    package var bootID: BootID?
    /// Whether the agent's memory is kept out of the swap; nil if that was not tried.
    package var memoryLock: ProcessHardening.MemoryLock?
    /// Holds back warnings that repeat.
    let limiter: LogDeduplicator

    /// An environment.
    package init(
        clock: any AgentClock,
        notifier: ServiceNotifier,
        descriptors: ListenDescriptors,
        credentials: CredentialsDirectory?,
        logging: LoggingTarget,
        auditSink: (sink: any AuditSink, name: String),
        store: FileDescriptorStore? = nil,
        bootID: BootID? = nil
    ) {
        self.clock = clock
        self.notifier = notifier
        self.descriptors = descriptors
        self.credentials = credentials
        self.logging = logging
        log = LogWriter(to: logging, identifier: "mosaicd", now: { clock.now })
        self.auditSink = auditSink
        self.store = store ?? FileDescriptorStore(notifier: notifier)
        self.bootID = bootID
        self.limiter = LogDeduplicator(now: { clock.now })
    }

    /// The environment of this process. Takes the manager's sockets, so call it once, before any thread starts.
    package static func ofProcess() throws(AgentError) -> AgentEnvironment {
        let descriptors: ListenDescriptors
        do {
            descriptors = try ListenDescriptors.takeFromManager()
        } catch {
            throw AgentError(.system, "the sockets that the service manager passed cannot be taken: \(error)")
        }
        let notifier = ServiceNotifier().inBackground()
        let logging = LoggingTarget.detect()
        return AgentEnvironment(
            clock: ContinuousClock(),
            notifier: notifier,
            descriptors: descriptors,
            credentials: CredentialsDirectory(),
            logging: logging,
            auditSink: auditSink(logging: logging, notifier: notifier),
            store: FileDescriptorStore(
                notifier: notifier,
                returned: descriptors.all.filter { !SocketServerSettings.names.contains($0.name) }
            ),
            bootID: BootID.current()
        )
    }

    /// Audit records of a service go to the journal even when its log messages have been sent elsewhere. An agent that
    /// a person runs by hand writes both where that person can see them.
    private static func auditSink(
        logging: LoggingTarget,
        notifier: ServiceNotifier
    ) -> (sink: any AuditSink, name: String) {
        let isClosed = StandardDescriptors.closedAtStart.contains(STDERR_FILENO)
        let stream: any AuditSink = isClosed ? MissingAuditSink() : StreamAuditSink()
        guard logging == .journal || (notifier.hasManager && JournalSender().isAvailable) else {
            return (stream, isClosed ? "none" : "stderr")
        }
        return (JournalAuditSink(fallback: stream), "journal")
    }

    /// A logger of the agent, whose warnings are limited.
    package func logger(_ label: String, level: LogLevelSetting) -> Logger {
        let (target, log, limiter) = (logging, log, limiter)
        return Logger(label: label) { label in
            LimitedLogHandler(Self.handler(label, target, log, level), limiter: limiter)
        }
    }

    /// A logger that tells everything: for answers to what an administrator does.
    func unlimitedLogger(_ label: String, level: LogLevelSetting) -> Logger {
        let (target, log) = (logging, log)
        return Logger(label: label) { label in Self.handler(label, target, log, level) }
    }

    private static func handler(
        _ label: String,
        _ target: LoggingTarget,
        _ log: LogWriter,
        _ level: LogLevelSetting
    ) -> JournalLogHandler {
        JournalLogHandler(label: label, identifier: "mosaicd", target: target, level: level, writer: log)
    }
}
