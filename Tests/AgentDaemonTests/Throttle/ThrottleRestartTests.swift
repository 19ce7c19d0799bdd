import Crypto
import Glibc
import InMemoryLogging
import Logging
import Secrets
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// What the throttle knows after a restart of the agent.
@Suite struct ThrottleRestartTests {
    static let boot = BootID("00112233-4455-6677-8899-aabbccddeeff")
    static let capacity = ThrottleCapacity(failures: 200, sends: 100, rates: 20)

    let manager = KeepingManager()
    let log = InMemoryLogHandler()
    let clock = TestClock(origin: ThrottleSamples.start)
    let alice = ThrottleSamples.target(1)
    let bob = ThrottleSamples.target(2)
    let shop = ThrottleSamples.caller(1001, "198.51.100.7")
    let blog = ThrottleSamples.caller(1002)

    /// The throttle of a process that starts now.
    func start(
        _ limits: ThrottleLimits = ThrottleLimits(),
        capacity: ThrottleCapacity = ThrottleRestartTests.capacity,
        boot: BootID? = ThrottleRestartTests.boot,
        key: String = "key",
        store: FileDescriptorStore? = nil,
        originShift: Duration = .zero
    ) -> Throttle {
        let log = log
        let keeper = StateStore(
            store: store ?? manager.restarted(),
            bootID: boot,
            clock: clock,
            bootTime: { [clock] in (clock.now - ThrottleSamples.start + originShift).nanoseconds + 5_000_000_000 },
            logger: Logger(label: "test") { _ in log }
        )
        return keeper.throttle(limits, capacity: capacity, digest: TargetDigest(key: Secret(copying: key.utf8)))
    }

    func fail(_ throttle: Throttle, _ caller: ThrottleCaller, at target: ThrottleTarget, times: Int = 1) throws {
        for _ in 0..<times {
            throttle.release(try throttle.beginAttempt(at: target, by: caller), at: target, .failed)
        }
    }

    func refusal(_ body: () throws -> Void) -> ThrottleRejection? {
        do {
            try body()
            return nil
        } catch {
            return error as? ThrottleRejection
        }
    }

    @Test func `who had to wait still has to`() throws {
        let before = start(ThrottleLimits(callerSendBudget: 2))
        try fail(before, shop, at: alice, times: 4)
        for target in [alice, bob] { _ = try before.beginSend(to: target, by: shop) }
        clock.advance(by: .seconds(10))
        let after = start(ThrottleLimits(callerSendBudget: 2))
        #expect(refusal { try fail(after, shop, at: alice) } == .init(budget: .attempts, retryAfter: .seconds(890)))
        #expect(
            refusal { _ = try after.beginSend(to: bob, by: shop) } == .init(budget: .sends, retryAfter: .seconds(20))
        )
        let third = ThrottleSamples.target(3)
        #expect(
            refusal { _ = try after.beginSend(to: third, by: shop) }
                == .init(budget: .callerSends, retryAfter: .seconds(1790))
        )
        try fail(after, blog, at: alice)
        #expect(log.entries.map(\.message) == ["throttle records taken over from before the restart"])
        clock.advance(by: .seconds(890))
        #expect(refusal { try fail(after, shop, at: alice) } == nil)
    }

    @Test func `answers without a decision and the kinds of messages are known again`() throws {
        let before = start()
        for _ in 0..<16 {
            before.release(try before.beginAttempt(at: alice, by: shop), at: alice, .undecidedAnswer)
        }
        _ = try before.beginSend(to: alice, by: blog, ThrottleSamples.mailedCode)
        clock.advance(by: .seconds(10))
        let after = start()
        #expect(refusal { try fail(after, shop, at: alice) } == .init(budget: .undecided, retryAfter: .seconds(890)))
        #expect(
            refusal { _ = try after.beginSend(to: alice, by: blog, ThrottleSamples.mailedCode) }
                == .init(budget: .sends, retryAfter: .seconds(20))
        )
        #expect(refusal { _ = try after.beginSend(to: alice, by: blog, ThrottleSamples.mailedLink) } == nil)
    }

    @Test func `memory of the format before this one is discarded`() throws {
        try fail(start(), shop, at: alice, times: 4)
        let descriptor = try #require(manager.descriptors(named: "throttle").first)
        var words = [UInt64](repeating: 0, count: 24)
        let size = 8 * words.count
        #expect(unsafe pread(descriptor, &words, size, 0) == size)
        // Behind the mark stands the format; the digest covers all up to it.
        var header = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        let end = 17 + 5 * 8 + 16 + 32
        try #require(header[16] == 2 && Array(SHA256.hash(data: header[..<end])) == Array(header[end..<end + 32]))
        header[16] = 1
        header.replaceSubrange(end..<end + 32, with: Array(SHA256.hash(data: header[..<end])))
        for index in words.indices {
            words[index] = header[8 * index..<8 * index + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        #expect(unsafe pwrite(descriptor, words, size, 0) == size)
        #expect(start().totals.failures.count == 0)
        #expect(log.entries.map(\.level) == [.notice])
    }

    @Test func `what was forgiven, given back or cleared stays so`() throws {
        let before = start()
        try fail(before, shop, at: alice, times: 2)
        before.release(try before.beginAttempt(at: alice, by: shop), at: alice, .succeeded)
        before.giveBack(try before.beginSend(to: alice, by: shop))
        try fail(before, blog, at: bob)
        _ = try before.beginSend(to: bob, by: blog)
        _ = before.clear(.uid(1002))
        let after = start()
        #expect(after.report(.all, limit: 1) == start(store: KeepingManager().restarted()).report(.all, limit: 1))
    }

    @Test func `attempts under way at the end of a process are over`() throws {
        let before = start()
        for _ in 0..<4 { _ = try before.beginAttempt(at: alice, by: shop) }
        #expect(start().totals.attemptsInFlight == 0)
    }

    @Test func `the limits of the new process hold`() throws {
        let before = start(ThrottleLimits(callerSendBudget: 4))
        try fail(before, shop, at: alice, times: 2)
        for target in [alice, bob] { _ = try before.beginSend(to: target, by: shop) }
        clock.advance(by: .seconds(100))
        let after = start(ThrottleLimits(attemptBudget: 2, attemptWindow: .seconds(101), callerSendBudget: 2))
        #expect(refusal { try fail(after, shop, at: alice) } == .init(budget: .attempts, retryAfter: .seconds(1)))
        #expect(after.report(.all, limit: 1).callers.first?.used == 2)
        let short = start(ThrottleLimits(attemptWindow: .seconds(100), sendInterval: .zero, sendWindow: .seconds(100)))
        #expect(short.totals.failures.count == 0)
        #expect(short.totals.sends.count == 0)
        #expect(start().totals.failures.count == 0, "what has expired once does not come back")
    }

    @Test func `the manager gets the memory once, and it is not dropped with the rest`() throws {
        let first = start()
        let kept = manager.descriptors(named: "throttle")
        #expect(kept.count == 1)
        try fail(first, shop, at: alice)
        for _ in 0..<3 {
            let store = manager.restarted()
            _ = start(store: store)
            store.dropTheRest()
            #expect(manager.descriptors(named: "throttle") == kept)
        }
        manager.restarted().dropTheRest()
        #expect(manager.names.isEmpty, "nobody had taken it")
    }

    enum Damage: CaseIterable {
        case otherBoot, otherKey, otherCapacity, unsealed, fixed, short, garbageInHeader
    }

    @Test(arguments: Damage.allCases) func `what cannot be trusted is replaced`(damage: Damage) throws {
        try fail(start(), shop, at: alice, times: 4)
        let descriptor = try #require(manager.descriptors(named: "throttle").first)
        func throttle() -> Throttle {
            switch damage {
            case .otherBoot: start(boot: BootID("ffffffffffffffffffffffffffffffff"))
            case .otherKey: start(key: "other key")
            case .otherCapacity: start(capacity: ThrottleCapacity(failures: 100, sends: 200, rates: 20))
            default: start()
            }
        }
        let size = ThrottleMemory.size(for: Self.capacity)
        var bytes = [UInt8](repeating: 0, count: size)
        #expect(unsafe pread(descriptor, &bytes, size, 0) == size)
        switch damage {
        case .otherBoot, .otherKey, .otherCapacity: break
        case .short:
            let memory = try SharedMemory.make(size: size - 64, name: "short")
            manager.replace("throttle", with: try memory.duplicate())
        case .fixed:
            manager.replace("throttle", with: try SealedMemory.make(Secret(copying: bytes), name: "fixed"))
        case .unsealed:
            let directory = try ScratchDirectory()
            let file = unsafe open(try directory.write("file", ""), O_RDWR)
            #expect(unsafe write(file, bytes, size) == size)
            manager.replace("throttle", with: file)
        case .garbageInHeader:
            #expect(unsafe pwrite(descriptor, "x", 1, 20) == 1)
        }
        let after = throttle()
        #expect(after.totals.failures.count == 0)
        #expect(log.entries.map(\.level) == [.notice])
        try fail(after, shop, at: alice, times: 4)
        #expect(throttle().totals.failures.count == 4, "and what replaces it works")
        #expect(manager.descriptors(named: "throttle").count == 1)
    }

    @Test func `any byte of the header decides`() throws {
        try fail(start(), shop, at: alice)
        let descriptor = try #require(manager.descriptors(named: "throttle").first)
        // Mark, format, five numbers, boot, key, digest, and zeros up to 192.
        for offset in 0..<192 {
            var byte: UInt8 = 0
            #expect(unsafe pread(descriptor, &byte, 1, off_t(offset)) == 1)
            var other = byte ^ 0x10
            #expect(unsafe pwrite(descriptor, &other, 1, off_t(offset)) == 1)
            let memory = manager.restarted().takeMemory("throttle", size: ThrottleMemory.size(for: Self.capacity))
            let basis = ThrottleMemory.Basis(
                boot: try #require(Self.boot),
                key: TargetDigest(key: Secret(copying: "key".utf8)).keyDigest,
                capacity: Self.capacity
            )
            let epoch = ThrottleMemory.Epoch(instant: clock.now, nanoseconds: 0)
            if let memory, let _ = ThrottleMemory(from: memory, basis, epoch: epoch) {
                Issue.record("byte \(offset) does not matter")
            }
            #expect(unsafe pwrite(descriptor, &byte, 1, off_t(offset)) == 1)
        }
        #expect(start().totals.failures.count == 1)
    }

    @Test func `garbage in slots is no record, and the records beside it are`() throws {
        let before = start()
        try fail(before, shop, at: alice, times: 4)
        _ = try before.beginSend(to: alice, by: blog)
        let descriptor = try #require(manager.descriptors(named: "throttle").first)
        var generator = SeededGenerator(seed: 3)
        // All slots but the four of failures and the first of sends.
        let sends = 4096 + 64 * (Self.capacity.failures + Self.capacity.undecided)
        for range in [4096 + 64 * 4..<sends, sends + 64..<ThrottleMemory.size(for: Self.capacity)] {
            let garbage = range.map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(unsafe pwrite(descriptor, garbage, garbage.count, off_t(range.lowerBound)) == garbage.count)
        }
        let after = start()
        #expect(after.totals.failures.count == 4)
        #expect(after.totals.sends.count == 1)
        for target in 100..<296 { try fail(after, blog, at: ThrottleSamples.target(target)) }
        #expect(after.totals.failures.count == Self.capacity.failures)
        #expect(start().totals.failures.count == Self.capacity.failures, "and the slots can be used")
    }

    @Test func `records from the future are none`() throws {
        try fail(start(), shop, at: alice)
        #expect(start(originShift: .seconds(-1)).totals.failures.count == 0)
    }

    @Test(.longTimeLimit, arguments: 1...5 as ClosedRange<UInt64>)
    func `after random events, nothing differs after a restart`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let limits = ThrottleLimits(attemptWindow: .seconds(60), sendInterval: .seconds(5), sendWindow: .seconds(120))
        let capacity = ThrottleCapacity(failures: 40, sends: 30, rates: 4)
        var throttle = start(limits, capacity: capacity)
        for step in 1...4000 {
            let target = ThrottleSamples.target(.random(in: 0..<12, using: &generator))
            let caller = ThrottleSamples.caller(.random(in: 0..<6, using: &generator))
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<8: _ = refusal { try fail(throttle, caller, at: target) }
            case 8:
                if let ticket = try? throttle.beginAttempt(at: target, by: caller) {
                    throttle.release(ticket, at: target, .undecidedAnswer)
                }
            case 9:
                if let ticket = try? throttle.beginAttempt(at: target, by: caller) {
                    throttle.release(ticket, at: target, .succeeded)
                }
            case 10..<16: _ = try? throttle.beginSend(to: target, by: caller)
            case 16: if let ticket = try? throttle.beginSend(to: target, by: caller) { throttle.giveBack(ticket) }
            case 17: if step.isMultiple(of: 10) { _ = throttle.clear(.uid(caller.uid)) }
            default: clock.advance(by: .milliseconds(Int.random(in: 0...4000, using: &generator)))
            }
            guard step.isMultiple(of: 25) else { continue }
            let before = throttle.report(.all, limit: .max)
            throttle = start(limits, capacity: capacity)
            let after = throttle.report(.all, limit: .max)
            #expect(Set(before.attempts.map(comparable)) == Set(after.attempts.map(comparable)))
            #expect(Set(before.sends) == Set(after.sends))
            #expect(before.callers == after.callers)
        }
    }

    /// Callers whose last failures were at the same instant come in any order.
    private func comparable(_ attempts: ThrottleReport.Attempts) -> [AnyHashable] {
        [
            attempts.target, attempts.failures, attempts.undecided, attempts.isExhausted, attempts.retryAfter,
            Set(attempts.callers),
        ]
    }

    @Test func `pages that are not needed are never touched`() throws {
        let throttle = start(capacity: ThrottleCapacity())
        // More than a page of them, one after the other.
        for number in 0..<500 {
            try fail(throttle, shop, at: ThrottleSamples.target(number))
            throttle.release(
                try throttle.beginAttempt(at: ThrottleSamples.target(number), by: shop),
                at: ThrottleSamples.target(number),
                .succeeded
            )
        }
        for _ in 0..<2 { _ = start(capacity: ThrottleCapacity()) }
        let descriptor = try #require(manager.descriptors(named: "throttle").first)
        #expect(lseek(descriptor, 0, SEEK_END) == 4096 + 64 * (32_768 + 8192 + 16_384 + 1024))
        #expect(lseek(descriptor, 0, 4) == 8192, "SEEK_HOLE: the header and one page of failures")
        #expect(lseek(descriptor, 8192, 3) == -1, "SEEK_DATA: nothing behind it")
    }

    @Test func `without a manager, or a boot, there is no memory, and it works`() throws {
        let nobody = ServiceNotifier(
            hasManager: false,
            watchdogInterval: nil,
            sendDescriptor: { _, _ in 0 },
            send: { _ in 0 }
        )
        let alone = start(store: FileDescriptorStore(notifier: nobody))
        try fail(alone, shop, at: alice, times: 4)
        #expect(refusal { try fail(alone, shop, at: alice) } != nil)
        try fail(start(boot: nil), shop, at: alice)
        #expect(manager.names.isEmpty)
        #expect(log.entries.isEmpty)
    }

    @Test func `a manager that keeps nothing is warned of, and it works`() throws {
        let refusing = ServiceNotifier(
            hasManager: true,
            watchdogInterval: nil,
            sendDescriptor: { _, _ in -ENOBUFS },
            send: { _ in 1 }
        )
        let throttle = start(store: FileDescriptorStore(notifier: refusing))
        #expect(log.entries.map(\.level) == [.warning])
        try fail(throttle, shop, at: alice, times: 4)
        #expect(refusal { try fail(throttle, shop, at: alice) } != nil)
    }
}
