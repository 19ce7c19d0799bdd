import Glibc
import InMemoryLogging
import Logging
import Secrets
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// A service manager that keeps descriptors.
final class KeepingManager: Sendable {
    private let kept = Mutex<[String: [CInt]]>([:])

    var names: [String] { kept.withLock { $0.keys.sorted() } }

    var notifier: ServiceNotifier {
        ServiceNotifier(
            hasManager: true,
            watchdogInterval: nil,
            sendDescriptor: { [self] message, descriptor in
                guard message.hasPrefix("FDSTORE=1\nFDNAME=") else { return -EINVAL }
                let name = String(message.dropFirst("FDSTORE=1\nFDNAME=".count))
                kept.withLock { $0[name, default: []].append(dup(descriptor)) }
                return 1
            },
            send: { [self] message in
                let mark = "FDSTOREREMOVE=1\nFDNAME="
                if message.hasPrefix(mark) { drop(String(message.dropFirst(mark.count))) }
                return 1
            }
        )
    }

    /// What is kept under a name; it stays the manager's.
    func descriptors(named name: String) -> [CInt] { kept.withLock { $0[name] ?? [] } }

    /// Keeps another descriptor under a name, which then belongs to the manager.
    func replace(_ name: String, with descriptor: CInt) {
        drop(name)
        kept.withLock { $0[name] = [descriptor] }
    }

    private func drop(_ name: String) {
        for descriptor in kept.withLock({ $0.removeValue(forKey: name) }) ?? [] { close(descriptor) }
    }

    /// What the next process gets.
    func restarted() -> FileDescriptorStore {
        let descriptors = kept.withLock { kept in
            kept.flatMap { name, numbers in numbers.map { ListenDescriptors.Descriptor(name: name, number: dup($0)) } }
        }
        return FileDescriptorStore(notifier: notifier, returned: descriptors)
    }

    deinit {
        for descriptor in kept.withLock({ $0.values.flatMap(\.self) }) { close(descriptor) }
    }
}

@Suite struct StateStoreTests {
    static let boot = BootID("00112233-4455-6677-8899-aabbccddeeff")

    let manager = KeepingManager()
    let log = InMemoryLogHandler()

    /// A keeper of a process that has just started, some time after the boot.
    func keeper(
        boot: BootID? = StateStoreTests.boot,
        clock: TestClock = TestClock(),
        bootTime: Duration = .seconds(1000)
    ) -> StateStore {
        let log = log
        let now = bootTime.components.seconds * 1_000_000_000
        return StateStore(
            store: manager.restarted(),
            bootID: boot,
            clock: clock,
            bootTime: { now },
            logger: Logger(label: "test") { _ in log }
        )
    }

    func client(
        secret: String = "s",
        id: String = "abc",
        token: String = "https://h.example/token"
    ) throws
        -> LoadedConfiguration.Client
    {
        let directory = try ScratchDirectory()
        try directory.write("secret", secret)
        let text = ReloadFixture.sound.replacing("SECRET", with: directory["secret"])
            .replacing("ClientID=abc", with: "ClientID=\(id)\nTokenURL=\(token)")
        let path = try directory.write("mosaicd.conf", text)
        let loader = ConfigurationLoader(path: path, environment: Environment([:]), names: SampleNames())
        return try #require(try loader.load().clients.first)
    }

    func token(at now: ContinuousClock.Instant) -> ClientToken {
        ClientToken(
            value: Secret(copying: "the token".utf8),
            identity: 5,
            receivedAt: now - .seconds(10),
            refreshAt: now + .seconds(50),
            usableUntil: now + .seconds(90)
        )
    }

    @Test func `a token is there again after a restart, with its age`() throws {
        let client = try client()
        let first = TestClock()
        keeper(clock: first).keep(token(at: first.now), of: client)
        let second = TestClock()
        let found = try #require(keeper(clock: second, bootTime: .seconds(1020)).token(of: client))
        #expect(found.value == Secret(copying: "the token".utf8))
        #expect(found.receivedAt == second.now - .seconds(30))
        #expect(found.refreshAt == second.now + .seconds(30))
        #expect(found.usableUntil == second.now + .seconds(70))
    }

    @Test func `another boot, credential, client or time discards it`() throws {
        let clock = TestClock()
        keeper(clock: clock).keep(token(at: clock.now), of: try client())
        #expect(keeper(boot: BootID("ffffffffffffffffffffffffffffffff")).token(of: try client()) == nil)
        #expect(keeper(boot: nil).token(of: try client()) == nil)
        #expect(keeper().token(of: try client(secret: "t")) == nil)
        #expect(keeper().token(of: try client(id: "abd")) == nil)
        #expect(keeper().token(of: try client(token: "https://i.example/token")) == nil)
        #expect(keeper(bootTime: .seconds(1091)).token(of: try client()) == nil, "expired")
        #expect(keeper(bootTime: .seconds(900)).token(of: try client()) == nil, "from the future")
        #expect(keeper().token(of: try client()) != nil, "and nothing else does")
    }

    @Test func `only the newest token is kept, and none of a client that is gone`() throws {
        let clock = TestClock()
        let client = try client()
        let keeper = keeper(clock: clock)
        for _ in 0..<3 { keeper.keep(token(at: clock.now), of: client) }
        #expect(manager.names == ["token-default"])
        keeper.forget(client: "default")
        #expect(manager.names.isEmpty)
    }

    @Test func `what nobody takes is dropped`() throws {
        let clock = TestClock()
        keeper(clock: clock).keep(token(at: clock.now), of: try client())
        let store = manager.restarted()
        store.dropTheRest()
        #expect(manager.names.isEmpty)
        #expect(store.take("token-default").isEmpty)
    }

    @Test func `the audit key stays the same until the boot ends`() {
        let key = keeper().auditKey(making: TargetDigest.newKey)
        #expect(keeper().auditKey(making: TargetDigest.newKey) == key)
        let other = BootID("ffffffffffffffffffffffffffffffff")
        #expect(keeper(boot: other).auditKey(making: TargetDigest.newKey) != key)
    }

    @Test func `memory that is not sealed is not taken`() throws {
        let descriptor = try SealedMemory.make(Secret(copying: "x".utf8), name: "x")
        #expect(unsafe write(descriptor, "y", 1) == -1, "nobody can change it")
        #expect(SealedMemory.content(of: descriptor) == Secret(copying: "x".utf8))
        close(descriptor)
        let pipe = try ScratchDirectory()
        let file = unsafe open(try pipe.write("file", "x"), O_RDONLY)
        #expect(SealedMemory.content(of: file) == nil)
        close(file)
    }
}
