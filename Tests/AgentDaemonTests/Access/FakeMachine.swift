import Glibc
import NIOPosix
import Synchronization
import Systemd
import TestSupport

@testable import AgentDaemon

/// A kernel and a systemd that answer what a test tells them, and count.
final class FakeMachine: ServiceManagerAsking {
    struct State {
        /// What `SO_PEERPIDFD` fails with.
        var peerError: Int32?
        /// What `pidfd_open` fails with.
        var openError: Int32?
        var facts: ProcessFacts? = ProcessFacts(start: 900, user: 1_000)
        var unit: Result<String, ServiceManagerError> = .success("web.service")
        var group: Result<String?, ServiceManagerError> = .success(nil)
        var hasEnded = false
        /// Whether the process ends while systemd is asked about it.
        var endsWhenAsked = false
        var asked: [String] = []
        var holds = 0
    }

    /// The connection is accepted 10 s after the start of the machine: tick 1000.
    static let accepted: Int64 = 10_000_000_000

    private final class Hold: ProcessHold {
        let machine: FakeMachine

        init(_ machine: FakeMachine) {
            self.machine = machine
            machine.state.withLock { $0.holds += 1 }
        }

        deinit { machine.state.withLock { $0.holds -= 1 } }

        var hasEnded: Bool { machine.state.withLock { $0.hasEnded } }
    }

    let state = Mutex(State())
    private let gate = Gate()
    let clock = TestClock()

    /// What systemd was asked so far.
    var asked: [String] { state.withLock { $0.asked } }
    /// How many descriptors of processes are open.
    var holds: Int { state.withLock { $0.holds } }

    /// Waits until no descriptor of a process is open: the one who has asked may learn the unit a moment before that.
    func released() async {
        while holds != 0 { await Task.yield() }
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    var kernel: ProcessKernel {
        ProcessKernel(
            peer: { [self] _ throws(SystemCallError) in
                if let number = state.withLock({ $0.peerError }) { throw SystemCallError(call: "peer", number: number) }
                return Hold(self)
            },
            open: { [self] _ throws(SystemCallError) in
                if let number = state.withLock({ $0.openError }) { throw SystemCallError(call: "open", number: number) }
                return Hold(self)
            },
            facts: { [self] _ in state.withLock { $0.facts } },
            bootTime: { Self.accepted },
            ticksPerSecond: 100
        )
    }

    func unit(ofProcess pid: Int32) throws(ServiceManagerError) -> String {
        let answer = state.withLock { state in
            state.asked.append("unit \(pid)")
            if state.endsWhenAsked { state.hasEnded = true }
            return state.unit
        }
        gate.pass()
        return try answer.get()
    }

    func controlGroup(ofProcess pid: Int32, inUnit unit: String) throws(ServiceManagerError) -> String? {
        try state.withLock { state in
            state.asked.append("group \(pid) \(unit)")
            return state.group
        }.get()
    }

    /// From now on systemd does not answer, until ``answer()``.
    func fallSilent() { gate.close() }
    /// It answers again, also what it was asked meanwhile.
    func answer() { gate.open() }

    static let caller = Caller(uid: 1_000, gid: 1_000, pid: 77, supplementaryGroups: [])

    /// Runs `body` with units that this machine tells.
    func serving(
        limits: CallerUnits.Limits = CallerUnits.Limits(),
        _ body: (CallerUnits) async throws -> Void
    ) async throws {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let units = CallerUnits(manager: self, kernel: kernel, thread: thread, clock: clock, limits: limits)
        let result = await Result { () async throws in try await body(units) }
        try await thread.shutdownGracefully()
        try result.get()
    }
}

/// Holds up threads while it is closed.
private final class Gate: Sendable {
    private let descriptors: (reading: Int32, writing: Int32)
    private let isClosed = Mutex(false)

    init() {
        var pair: [Int32] = [-1, -1]
        unsafe precondition(pipe(&pair) == 0)
        descriptors = (pair[0], pair[1])
    }

    deinit {
        Glibc.close(descriptors.reading)
        Glibc.close(descriptors.writing)
    }

    func close() { isClosed.withLock { $0 = true } }

    /// Lets one thread through that waits, and all later ones.
    func open() {
        isClosed.withLock { $0 = false }
        unsafe precondition(write(descriptors.writing, [0], 1) == 1)
    }

    func pass() {
        guard isClosed.withLock({ $0 }) else { return }
        var byte: [UInt8] = [0]
        unsafe precondition(read(descriptors.reading, &byte, 1) == 1)
    }
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
