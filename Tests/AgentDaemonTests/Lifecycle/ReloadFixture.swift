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

/// A steward over a configuration in real files, with clients, clock and service manager faked.
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
    let assembly: ConfigurationAssembly
    let serving: LiveConfiguration
    private let services = Mutex<[FakeMosaicService]>([])
    let forgotten = Mutex<[String]>([])
    private let refusesTokens = Mutex(false)
    private let seeds = Mutex<[ClientToken?]>([])

    /// The clients made so far, in order.
    var made: [FakeMosaicService] { services.withLock { $0 } }
    /// The tokens that they were made with.
    var madeWith: [ClientToken?] { seeds.withLock { $0 } }
    var steward: ConfigurationReloader { assembly.steward }

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
        assembly = ConfigurationAssembly(
            sockets: SocketMonitor(
                places: [.init(socket: .main, path: "/run/m.sock", isInherited: true)],
                maximumConnections: 16
            ),
            limiter: CallLimiter(maximumTotal: 64, maximumPerUser: 64),
            audit: AuditQueue(capacity: 64, lane: 8, sink: RecordingSink(), clock: clock),
            auditSink: "journal",
            digest: DispatcherFixture.digest,
            throttle: Throttle(clock: clock),
            level: LogLevelControl(LogLevelSetting(.info), source: .fallback),
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        )
        let service = FakeMosaicService(.hang)
        services.withLock { $0.append(service) }
        let members = loaded.clients.map { client in
            ManagedClient(running: Self.running(service), source: client, inUse: client)
        }
        serving = LiveConfiguration(assembly.generation(of: loaded, members: members))
        let assembly = assembly
        steward.attach(
            serving,
            dependencies: ConfigurationReloader.Dependencies(
                load: loader.load,
                make: { [self] client, token in
                    let service = FakeMosaicService(name: client.settings.name, .hang)
                    if refusesTokens.withLock({ $0 }) {
                        service.answerRefresh(.failure(APIFailure(.credentialRejected, outcome: .notSent)))
                    }
                    services.withLock { $0.append(service) }
                    seeds.withLock { $0.append(token) }
                    return Self.running(service)
                },
                assemble: { assembly.generation(of: $0, members: $1) },
                apply: { assembly.apply($0) },
                forget: { [self] name in forgotten.withLock { $0.append(name) } },
                restartNeeded: { assembly.restartNeeded(from: loaded.configuration.daemon, to: $0) },
                roster: roster,
                notifier: manager.notifier,
                logger: Logger(label: "test") { _ in log }
            )
        )
    }

    private static func running(_ service: FakeMosaicService) -> RunningClient {
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
    func refuseTokens() { refusesTokens.withLock { $0 = true } }

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
