import AgentProtocol
import InMemoryLogging
import Logging
import MosaicAPI
import Secrets
import StrictJSON
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// A dispatcher with everything behind it faked, and its answers taken apart.
struct DispatcherFixture {
    struct Outcome {
        let line: String
        let json: JSONValue
        let records: [AuditRecord]

        var result: JSONValue? { json["result"] }
        var data: JSONValue? { json["error"]?["data"] }
        var kind: String? { data?["kind"]?.string }
    }

    static let plainUID: UInt32 = 1000
    static let detailsUID: UInt32 = 1001
    static let strangerUID: UInt32 = 4000

    let clock = TestClock()
    let sink = RecordingSink()
    let log = InMemoryLogHandler()
    let service: FakeMosaicService
    let queue: AuditQueue
    let throttle: Throttle
    let dispatcher: Dispatcher

    /// Runs `body` with a dispatcher, and waits until its audit trail is written.
    static func with(
        _ service: FakeMosaicService,
        auditCapacity: Int = 1024,
        auditLane: Int = 0,
        overflow: DaemonSettings.AuditOverflow = .refuse,
        maximumCalls: Int = 64,
        grid: ResponseTimeQuantizer = ResponseTimeQuantizer(step: .zero, maximumJitter: .zero),
        rights: [String] = ["login", "session", "password-check", "reset", "users", "credentials"],
        rules: [AccessRule] = [],
        observer: AgentObserver = AgentObserver(),
        throttle: ThrottleLimits = .wide,
        configure: (inout MethodRegistry) -> Void = { _ in },
        _ body: (DispatcherFixture) async throws -> Void
    ) async throws {
        let fixture = DispatcherFixture(
            service,
            auditCapacity: auditCapacity,
            auditLane: auditLane,
            overflow: overflow,
            maximumCalls: maximumCalls,
            grid: grid,
            rights: rights,
            rules: rules,
            observer: observer,
            throttle: throttle,
            configure: configure
        )
        let result = await Result { () async throws in try await body(fixture) }
        await fixture.queue.flush()
        try result.get()
    }

    private init(
        _ service: FakeMosaicService,
        auditCapacity: Int,
        auditLane: Int,
        overflow: DaemonSettings.AuditOverflow,
        maximumCalls: Int,
        grid: ResponseTimeQuantizer,
        rights: [String],
        rules: [AccessRule],
        observer: AgentObserver,
        throttle limits: ThrottleLimits,
        configure: (inout MethodRegistry) -> Void
    ) {
        self.service = service
        queue = AuditQueue(capacity: auditCapacity, lane: auditLane, sink: sink, clock: clock)
        let audit = AuditGate(queue: queue, overflow: overflow)
        let policy = AccessPolicy(
            rules: [
                Self.rule("plain", uid: Self.plainUID, rights: rights, details: false),
                Self.rule("nosy", uid: Self.detailsUID, rights: rights, details: true),
            ] + rules,
            catalogue: .main
        )
        let clients = ClientDirectory([
            ConfiguredClient(
                service: service,
                clientID: "client-id",
                host: "api.example",
                authentication: .clientSecretPost
            )
        ])
        throttle = Throttle(limits: limits, clock: clock)
        let limiter = CallLimiter(maximumTotal: maximumCalls, maximumPerUser: maximumCalls)
        var methods = MethodRegistry()
        methods.addMosaicMethods()
        methods.addSystemMethods(policy: policy, clients: clients, limits: SystemHello.Limits())
        methods.addConfigurationMethods(
            reload: { () throws(CallFailure) in throw CallFailure(.shuttingDown, "the agent does not serve") },
            rotate: { _, _, _ throws(CallFailure) in throw CallFailure(.shuttingDown, "the agent does not serve") },
            clients: clients
        )
        methods.addThrottleMethods(throttle, clients: clients, digest: Self.digest)
        methods.on(PolicyExplain.self) { parameters, _ in Reply(try PolicyExplainer(policy: policy).explain(parameters))
        }
        let sockets = SocketMonitor(
            places: [SocketMonitor.Place(socket: .main, path: "/run/m.sock", isInherited: true)],
            context: SocketContext(
                settings: SocketServerSettings(
                    main: .path("/run/m.sock", mode: 0o660, group: nil),
                    control: .path("/run/c.sock", mode: 0o600, group: nil)
                ),
                clock: clock,
                logger: Logger(label: "test") { [log] _ in log }
            ),
            maximumConnections: 4096
        )
        let monitor = HealthMonitor(clients: clients, audit: audit, clock: clock)
        methods.addObservation(
            status: AgentStatus(
                sockets: sockets,
                limiter: limiter,
                clients: clients,
                audit: queue,
                auditSink: "journal",
                auditWhenFull: overflow,
                throttle: throttle,
                start: clock.now
            ),
            monitor: monitor,
            metrics: AgentMetrics(
                observer: observer,
                sockets: sockets,
                limiter: limiter,
                audit: queue,
                clients: clients,
                monitor: monitor,
                throttle: throttle
            ),
            level: LogLevelControl(LogLevelSetting(.info), source: .fallback),
            digest: Self.digest,
            logger: Logger(label: "test") { [log] _ in log },
            clock: clock
        )
        configure(&methods)
        let log = log
        dispatcher = Dispatcher(
            steps: Dispatcher.Steps(
                methods: methods,
                clients: clients,
                access: AccessGate(policy: policy),
                limiter: limiter,
                audit: audit,
                digest: Self.digest,
                throttle: ThrottleGate(throttle, clients: clients, digest: Self.digest, events: observer.events),
                observer: observer,
                release: DelayedResponse(grid: grid, clock: clock, jitter: { 0 })
            ),
            clock: clock,
            logger: Logger(label: "test") { _ in log }
        )
    }

    static let digest = TargetDigest(key: Secret(copying: "key".utf8))

    private static func rule(_ name: String, uid: UInt32, rights: [String], details: Bool) -> AccessRule {
        AccessRule(
            name: name,
            conditions: [.uid(uid)],
            clients: ["default"],
            grants: AccessGrants(rights, in: .main),
            details: details
        )
    }

    /// A call as a connection would make it.
    func call(
        _ line: String,
        on socket: SocketKind = .main,
        uid: UInt32 = plainUID,
        deadline: Duration = .seconds(10),
        control: CallLifecycle = CallLifecycle(),
        isProbe: Bool = false
    ) throws -> Call {
        try Self.call(
            line,
            on: socket,
            uid: uid,
            deadline: deadline,
            clock: clock,
            control: control,
            isProbe: isProbe
        )
    }

    /// A call as a connection would make it.
    static func call(
        _ line: String,
        on socket: SocketKind = .main,
        uid: UInt32 = plainUID,
        deadline: Duration = .seconds(10),
        clock: TestClock,
        control: CallLifecycle = CallLifecycle(),
        isProbe: Bool = false,
        unit: CallerUnitSource? = nil
    ) throws -> Call {
        guard case .request(let request) = IncomingLine(parsing: Array(line.utf8)) else {
            throw TestFailure(description: "not a request: \(line)")
        }
        return Call(
            request: request,
            socket: socket,
            caller: Caller(uid: uid, gid: uid, pid: 77, supplementaryGroups: []),
            connection: 1,
            arrival: clock.now,
            deadline: clock.now + deadline,
            control: control,
            isProbe: isProbe,
            unit: unit
        )
    }

    /// Returns once so many attempts wait for others; the time limit of the test ends it otherwise.
    func untilWaiting(_ count: Int) async {
        while throttle.totals.attemptsWaiting != count, !Task.isCancelled { await Task.yield() }
    }

    /// Dispatches a call, delivers its answer, and takes it apart.
    func send(
        _ line: String,
        on socket: SocketKind = .main,
        uid: UInt32 = plainUID,
        control: CallLifecycle = CallLifecycle()
    ) async throws -> Outcome {
        try await outcome(of: dispatcher.dispatch(call(line, on: socket, uid: uid, control: control)))
    }

    /// Delivers an answer, waits for its record and takes it apart.
    func outcome(of answer: Answer) async throws -> Outcome {
        let before = sink.records.count
        answer.audit?.submit(delivered: true)
        await queue.flush()
        let json = try JSONDocument(parsing: answer.line, maximumDepth: 64).root
        return Outcome(
            line: String(decoding: answer.line, as: UTF8.self),
            json: json,
            records: Array(sink.records.dropFirst(before))
        )
    }
}

extension ThrottleLimits {
    /// So wide that tests of other things never meet them.
    static let wide = ThrottleLimits(
        attemptBudget: 1_000,
        sendInterval: .zero,
        sendBudget: 1_000,
        callerSendBudget: 1_000_000
    )
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

extension JSONValue {
    /// The element of an array.
    subscript(index: Int) -> JSONValue? {
        guard let elements = elements.map(Array.init), elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

/// Request lines.
enum Line {
    static func login(
        id: Int = 1,
        username: String = "alice",
        password: String = "secret",
        extra: String = ""
    ) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"password.authenticate","params":{"username":"\#(username)","password":"\#(password)"\#(extra)}}"#
    }

    static func method(_ name: String, params: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"\#(name)","params":\#(params)}"#
    }
}
