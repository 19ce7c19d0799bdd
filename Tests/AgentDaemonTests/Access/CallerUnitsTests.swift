import Glibc
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct `A caller's unit` {
    let machine = FakeMachine()

    private func unit(
        _ depth: CallerUnit.Depth = .unit,
        caller: Caller = FakeMachine.caller
    ) async throws -> CallerUnit {
        var unit = CallerUnit.unasked
        try await machine.serving { units in unit = await units.source(socket: 0, caller: caller).unit(depth) }
        return unit
    }

    @Test func `is what systemd says of the process that the kernel names`() async throws {
        machine.change { $0.facts = nil }
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            #expect(machine.holds == 1 && machine.asked == [])
            #expect(source.current == .unasked)
            #expect(await source.unit(.unit) == .known("web.service"))
            #expect(source.current == .known("web.service"))
            #expect(machine.asked == ["unit 77"])
            // The descriptor is closed as soon as there is nothing more to find out.
            await machine.released()
            #expect(await source.unit(.userUnit) == .known("web.service"))
            #expect(machine.asked == ["unit 77"])
        }
    }

    @Test(arguments: [
        (ESRCH, CallerUnitProblem.processGone), (EINVAL, .processGone), (EMFILE, .busy), (EPERM, .unnamedProcess),
    ])
    func `is unknown when the kernel does not name the process`(
        _ error: Int32,
        _ problem: CallerUnitProblem
    ) async throws {
        machine.change { $0.peerError = error }
        #expect(try await unit() == .unknown(problem))
        #expect(machine.asked == [])
        machine.change { ($0.peerError, $0.openError) = (ENOPROTOOPT, error) }
        #expect(try await unit() == .unknown(problem == .processGone && error == EINVAL ? .processGone : problem))
        #expect(machine.asked == [])
    }

    @Test func `is unknown when the process has no number here`() async throws {
        // systemd would take 0 for the agent itself.
        let caller = Caller(uid: 1_000, gid: 1_000, pid: 0, supplementaryGroups: [])
        #expect(try await unit(caller: caller) == .unknown(.unnamedProcess))
        #expect(machine.asked == [])
    }

    @Test func `is found on older kernels by a descriptor, a user and a start`() async throws {
        machine.change { $0.peerError = ENOPROTOOPT }
        #expect(try await unit() == .known("web.service"))
        await machine.released()
    }

    private static let strangers: [(ProcessFacts?, CallerUnitProblem)] = [
        (nil, .processHidden), (ProcessFacts(start: 1_001, user: 1_000), .processTooYoung),
        (ProcessFacts(start: .max, user: 1_000), .processTooYoung), (ProcessFacts(start: 5, user: 0), .otherUser),
    ]

    @Test(arguments: strangers)
    func `is unknown on older kernels if any of these is not as it must be`(
        _ facts: ProcessFacts?,
        _ problem: CallerUnitProblem
    ) async throws {
        machine.change { ($0.peerError, $0.facts) = (ENOPROTOOPT, facts) }
        #expect(try await unit() == .unknown(problem))
        // Where it is clear beforehand, systemd is not troubled.
        #expect(machine.asked == [])
        #expect(machine.holds == 0)
    }

    @Test func `may be of a process that began in the tick in which the connection was accepted`() async throws {
        machine.change { ($0.peerError, $0.facts) = (ENOPROTOOPT, ProcessFacts(start: 1_000, user: 1_000)) }
        #expect(try await unit() == .known("web.service"))
    }

    @Test(arguments: [Int32?.none, ENOPROTOOPT])
    func `is unknown when the process ends while systemd is asked`(_ error: Int32?) async throws {
        machine.change { ($0.peerError, $0.endsWhenAsked) = (error, true) }
        #expect(try await unit() == .unknown(.processGone))
        #expect(machine.asked == ["unit 77"])
    }

    @Test(arguments: [
        (ServiceManagerError.unreachable(SystemCallError(call: "connect", number: ENOENT)), CallerUnitProblem.noBus),
        (.late, .late), (.malformed, .refused), (.refused("org.freedesktop.DBus.Error.AccessDenied"), .refused),
        (.refused("org.freedesktop.systemd1.NoUnitForPID"), .noUnit),
    ])
    func `is unknown when systemd does not tell it, and asked for again only if that may pass`(
        _ error: ServiceManagerError,
        _ problem: CallerUnitProblem
    ) async throws {
        machine.change { $0.unit = .failure(error) }
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            #expect(await source.unit(.unit) == .unknown(problem))
            #expect(units.way == (problem == .noUnit ? .peerDescriptor : .none(problem)))
            machine.change { $0.unit = .success("web.service") }
            #expect(await source.unit(.unit) == (problem == .noUnit ? .unknown(.noUnit) : .known("web.service")))
            #expect(units.way == .peerDescriptor)
            await machine.released()
        }
    }

    @Test func `is unknown when what systemd names is no unit`() async throws {
        machine.change { $0.unit = .success("/web") }
        #expect(try await unit() == .unknown(.refused))
    }

    @Test func `is waited for only for a time, and serves later calls when it comes`() async throws {
        machine.fallSilent()
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            async let unit = source.unit(.unit)
            let end = await machine.clock.nextTimerScheduled()
            #expect(end == machine.clock.now + units.limits.timeout)
            machine.clock.advance(to: end)
            #expect(await unit == .unknown(.late))
            #expect(source.current == .unasked)
            machine.answer()
            #expect(await source.unit(.unit) == .known("web.service"))
            #expect(machine.asked == ["unit 77"])
        }
    }

    @Test func `is not looked up for calls that have given up waiting`() async throws {
        machine.fallSilent()
        try await machine.serving { units in
            let first = units.source(socket: 0, caller: FakeMachine.caller)
            first.begin()
            let second = units.source(socket: 0, caller: FakeMachine.caller)
            async let unit = second.unit(.unit)
            machine.clock.advance(to: await machine.clock.nextTimerScheduled())
            #expect(await unit == .unknown(.late))
            machine.answer()
            #expect(await first.unit(.unit) == .known("web.service"))
            #expect(await units.source(socket: 0, caller: FakeMachine.caller).unit(.unit) == .known("web.service"))
            #expect(machine.asked.count == 2)
            #expect(second.current == .unasked)
            #expect(await second.unit(.unit) == .known("web.service"))
        }
    }

    @Test func `is looked up once for all calls that wait for it`() async throws {
        machine.fallSilent()
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            source.begin()
            let found = await withTaskGroup(of: CallerUnit.self) { group in
                for _ in 0..<50 { group.addTask { await source.unit(.unit) } }
                for _ in 0..<50 { _ = await machine.clock.nextTimerScheduled() }
                machine.answer()
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(found == [.known("web.service")])
            #expect(machine.asked == ["unit 77"])
        }
    }

    @Test func `is not looked up any more once the connection is closed`() async throws {
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            source.close()
            #expect(machine.holds == 0)
            #expect(await source.unit(.unit) == .unknown(.late))
            #expect(machine.asked == [])
        }
    }

    @Test func `is not looked up when too many others are`() async throws {
        machine.fallSilent()
        var limits = CallerUnits.Limits()
        limits.queue = 1
        limits.optionalQueue = 1
        try await machine.serving(limits: limits) { units in
            let first = units.source(socket: 0, caller: FakeMachine.caller)
            first.begin()
            let second = units.source(socket: 0, caller: FakeMachine.caller)
            #expect(await second.unit(.unit) == .unknown(.busy))
            second.begin()
            machine.answer()
            #expect(await first.unit(.unit) == .known("web.service"))
        }
    }

    @Test func `is looked up for the record only so often`() async throws {
        var limits = CallerUnits.Limits()
        limits.optionalRate = 4
        try await machine.serving(limits: limits) { units in
            for _ in 0..<5 { units.source(socket: 0, caller: FakeMachine.caller).begin() }
            let last = units.source(socket: 0, caller: FakeMachine.caller)
            #expect(await last.unit(.unit) == .known("web.service"))
            #expect(machine.asked.count == 3)
            machine.clock.advance(by: .seconds(1))
            units.source(socket: 0, caller: FakeMachine.caller).begin()
            #expect(await units.source(socket: 0, caller: FakeMachine.caller).unit(.unit) == .known("web.service"))
            #expect(machine.asked.count == 5)
        }
    }

    @Test func `is told by hello only within that rate, and shared between uids`() async throws {
        var limits = CallerUnits.Limits()
        limits.optionalRate = 4
        try await machine.serving(limits: limits) { units in
            func told(_ uid: UInt32) async -> CallerUnit {
                let caller = Caller(uid: uid, gid: uid, pid: 77, supplementaryGroups: [])
                return await units.source(socket: 0, caller: caller).unitWithoutNeed()
            }
            var units: [CallerUnit] = []
            for _ in 0..<5 { units.append(await told(1_000)) }
            #expect(units == [.known("web.service"), .known("web.service"), .unasked, .unasked, .unasked])
            #expect(await told(1_001) == .known("web.service"))
            #expect(machine.asked.count == 3)
        }
    }

    @Test func `is looked up in turn with those of a uid that has many waiting`() async throws {
        var limits = CallerUnits.Limits()
        limits.queue = 8
        let served = Served()
        machine.fallSilent()
        try await machine.serving(limits: limits) { units in
            units.source(socket: 0, caller: FakeMachine.caller).begin()
            var taken = 0
            while units.submit(of: 1_000, isNeeded: true, { _ in served.uids.withLock { $0.append(1_000) } }) {
                taken += 1
            }
            #expect((3...4).contains(taken))
            let isTaken = units.submit(of: 1_001, isNeeded: true) { _ in served.uids.withLock { $0.append(1_001) } }
            #expect(isTaken)
            machine.answer()
            while !units.isIdle { await Task.yield() }
            let order = served.uids.withLock { $0 }
            #expect(order.prefix(2).contains(1_001) && order.count == taken + 1)
        }
    }

    /// Whose look-ups were made, in order.
    private final class Served: Sendable {
        let uids = Mutex<[UInt32]>([])
    }

    private static let ways: [(Int32?, Int32?, CallerUnitWay)] = [
        (nil, nil, .peerDescriptor), (ENOPROTOOPT, nil, .openedDescriptor),
        (ENOPROTOOPT, ENOSYS, .none(.unnamedProcess)), (EPERM, nil, .none(.unnamedProcess)),
    ]

    @Test(arguments: ways)
    func `is found in the way that the kernel knows`(_ peer: Int32?, _ open: Int32?, _ way: CallerUnitWay) {
        machine.change { ($0.peerError, $0.openError) = (peer, open) }
        #expect(machine.kernel.way == way)
        machine.change { $0.facts = nil }
        #expect(machine.kernel.way == (way == .openedDescriptor ? .none(.processHidden) : way))
    }
}

@Suite(.longTimeLimit) struct `A caller's user unit` {
    private static let path = "/user.slice/user-1000.slice/user@1000.service/app.slice/app.service"
    let machine = FakeMachine()

    init() {
        machine.change { ($0.unit, $0.group) = (.success("user@1000.service"), .success(Self.path)) }
    }

    @Test func `is asked for only when something depends on it`() async throws {
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            #expect(await source.unit(.unit) == .known("user@1000.service", user: .unasked))
            #expect(machine.asked == ["unit 77"])
            // More may be wanted later, so the process is held on to.
            #expect(machine.holds == 1)
            #expect(
                await source.unit(.userUnit) == .known("user@1000.service", user: .known("app.service", manager: 1_000))
            )
            #expect(machine.asked == ["unit 77", "unit 77", "group 77 user@1000.service"])
            await machine.released()
        }
    }

    @Test(arguments: [
        (Result<String?, ServiceManagerError>.success(nil), CallerUnitProblem.noUnit),
        (.success("/system.slice/app.service"), .noUnit), (.failure(.late), .late),
    ])
    func `is unknown when systemd does not tell it`(
        _ group: Result<String?, ServiceManagerError>,
        _ problem: CallerUnitProblem
    ) async throws {
        machine.change { $0.group = group }
        try await machine.serving { units in
            let source = units.source(socket: 0, caller: FakeMachine.caller)
            #expect(await source.unit(.userUnit) == .known("user@1000.service", user: .unknown(problem)))
            machine.change { $0.group = .success(Self.path) }
            let again = await source.unit(.userUnit)
            let isFound = again == .known("user@1000.service", user: .known("app.service", manager: 1_000))
            #expect(isFound == problem.isTransient)
        }
    }
}
