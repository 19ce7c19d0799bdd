import AgentProtocol
import Glibc
import InMemoryLogging
import Logging
import MosaicAPI
import Secrets
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// A reloader over a configuration in real files, with clients, clock and service manager faked.
final class ReloadFixture: Sendable {
    static let sound = """
        [Client default]
        Region=eu
        ClientID=abc
        ClientSecretFile=SECRET

        [Access plain]
        Match=uid:1000
        Clients=default
        Allow=login

        """

    let directory: ScratchDirectory
    let clock = TestClock()
    let log = InMemoryLogHandler()
    let manager = RecordingManager()
    let roster = ClientSupervisor()
    let reloader: ConfigurationReloader
    var serving: LiveConfiguration { reloader.serving }
    private let makes: Makes
    let sockets: SocketMonitor
    let limiter: CallLimiter
    let level: LogLevelControl
    let observer: AgentObserver
    let throttle: Throttle

    /// The clients made so far, in order.
    var made: [FakeMosaicService] { makes.services.withLock { $0 } }
    /// The tokens that they were made with.
    var madeWith: [ClientToken?] { makes.seeds.withLock { $0 } }
    /// The clients of which nothing is to be kept any more.
    var forgotten: [String] { makes.forgotten.withLock { $0 } }

    /// What the fixture is asked to make and to forget.
    private final class Makes: Sendable {
        let services = Mutex<[FakeMosaicService]>([])
        let forgotten = Mutex<[String]>([])
        let refusesTokens = Mutex(false)
        let seeds = Mutex<[ClientToken?]>([])

        func client(_ name: String?, token: ClientToken? = nil, isFirst: Bool = false) -> RunningClient {
            let service = name.map { FakeMosaicService(name: $0, .hang) } ?? FakeMosaicService(.hang)
            if refusesTokens.withLock({ $0 }) {
                service.answerRefresh(.failure(APIFailure(.credentialRejected, outcome: .notSent)))
            }
            services.withLock { $0.append(service) }
            if !isFirst { seeds.withLock { $0.append(token) } }
            return ReloadFixture.running(service)
        }
    }

    /// The token that every client holds.
    static let token = ClientToken(
        value: Secret(copying: "token".utf8),
        identity: 7,
        receivedAt: .now,
        refreshAt: .now + .seconds(60),
        usableUntil: .now + .seconds(90)
    )

    init() throws {
        let directory = try ScratchDirectory()
        self.directory = directory
        try directory.write("secret", "first secret")
        try Self.write(Self.sound, to: directory)
        let loader = ConfigurationLoader(
            path: directory["mosaicd.conf"],
            environment: Environment([:]),
            names: SampleNames()
        )
        let loaded = try loader.load()
        let log = log
        let makes = Makes()
        self.makes = makes
        let (clock, manager) = (clock, manager)
        let settings = loaded.configuration.daemon
        let logger = Logger(label: "test") { _ in log }
        let context = SocketContext(
            settings: SocketServerSettings(
                main: .path("/run/m.sock", mode: 0o660, group: nil),
                control: .path("/run/c.sock", mode: 0o600, group: nil)
            ),
            clock: clock,
            logger: logger
        )
        let sockets = SocketMonitor(
            places: [.init(socket: .main, path: "/run/m.sock", isInherited: true)],
            context: context,
            maximumConnections: 16
        )
        let limiter = CallLimiter(maximumTotal: 64, maximumPerUser: 64)
        let audit = AuditQueue(capacity: 64, lane: 8, sink: RecordingSink(), clock: clock)
        let throttle = Throttle(clock: clock)
        let level = LogLevelControl(LogLevelSetting(.info), source: .fallback)
        let observer = AgentObserver()
        let sends = IdempotencyCache()
        let start = clock.now
        reloader = ConfigurationReloader(
            first: loaded,
            members: loaded.clients.map { client in
                ManagedClient(running: makes.client(nil, isFirst: true), source: client, inUse: client)
            },
            load: loader.load,
            make: { client, token in makes.client(client.settings.name, token: token) },
            assemble: { loaded, members, reloader in
                ConfigurationSnapshot(
                    of: loaded,
                    members: members,
                    sockets: sockets,
                    limiter: limiter,
                    audit: audit,
                    auditSink: "journal",
                    digest: DispatcherFixture.digest,
                    throttle: throttle,
                    sends: sends,
                    observer: observer,
                    level: level,
                    log: nil,
                    units: nil,
                    start: start,
                    clock: clock,
                    logger: logger,
                    reloader: reloader
                )
            },
            apply: { settings in
                level.configure(settings, telling: observer.events)
                limiter.change(
                    maximumTotal: settings.maximumCallsInFlight,
                    maximumPerUser: settings.maximumCallsInFlightPerUser
                )
                throttle.change(settings.throttle)
                sockets.change(to: settings)
            },
            forget: { name in makes.forgotten.withLock { $0.append(name) } },
            restartNeeded: { $0.restartNeeded(from: settings, isInherited: sockets.isInherited) },
            clients: roster,
            notifier: manager.notifier,
            observer: observer,
            logger: logger
        )
        self.sockets = sockets
        self.limiter = limiter
        self.level = level
        self.observer = observer
        self.throttle = throttle
    }

    fileprivate static func running(_ service: FakeMosaicService) -> RunningClient {
        RunningClient(
            ConfiguredClient(service: service, clientID: "abc", host: "h", authentication: .clientSecretPost),
            heldToken: { token }
        )
    }

    /// Writes the main file; SECRET stands for the path of the secret.
    func write(_ text: String) throws { try Self.write(text, to: directory) }

    private static func write(_ text: String, to directory: ScratchDirectory) throws {
        try directory.write("mosaicd.conf", text.replacing("SECRET", with: directory["secret"]))
    }

    /// Has Mosaic refuse a token to all clients made from now on.
    func refuseTokens() { makes.refusesTokens.withLock { $0 = true } }

    /// Puts a symbolic link in place of the file with the secret.
    func replaceSecretByLink(to target: String) throws {
        #expect(unsafe unlink(directory["secret"]) == 0)
        try directory.link("secret", to: directory[target])
    }

    /// Puts a file in place of that link.
    func replaceLinkBySecret(_ secret: String) throws {
        #expect(unsafe unlink(directory["secret"]) == 0)
        try directory.write("secret", secret)
    }

    /// A login by uid 1000.
    func login() throws -> Call {
        try DispatcherFixture.call(Line.login(), clock: clock)
    }
}

/// A service manager that keeps what it is told.
final class RecordingManager: Sendable {
    private let messages = Mutex<[String]>([])

    /// The messages so far.
    var told: [String] { messages.withLock { $0 } }

    var notifier: ServiceNotifier { notifier(watchdogInterval: nil) }

    /// What speaks to it when it wants to hear from the service within that time.
    func notifier(watchdogInterval: Duration?) -> ServiceNotifier {
        ServiceNotifier(hasManager: true, watchdogInterval: watchdogInterval) { [self] message in
            messages.withLock { $0.append(message) }
            return 1
        }
    }
}
