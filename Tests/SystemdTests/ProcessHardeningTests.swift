import Foundation
import Glibc
import TestSupport
import Testing

@testable import Systemd

/// Each in a process of its own, which it changes.
@Suite(.longTimeLimit) struct ProcessHardeningTests {
    private static func limit(_ resource: __rlimit_resource) -> rlimit {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        return limit
    }

    @Test func `core dumps and debuggers are shut out`() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.isDumpable)
            try ProcessHardening.forbidCoreDumps()
            #expect(!ProcessHardening.isDumpable)
            #expect(Self.limit(RLIMIT_CORE).rlim_cur == 0)
            #expect(Self.limit(RLIMIT_CORE).rlim_max == 0)
        }
    }

    @Test func `the soft limit on descriptors becomes the hard one`() async {
        await #expect(processExitsWith: .success) {
            var limit = Self.limit(RLIMIT_NOFILE)
            limit.rlim_cur = 256
            #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let raised = try ProcessHardening.raiseDescriptorLimit()
            #expect(raised == limit.rlim_max)
            #expect(Self.limit(RLIMIT_NOFILE).rlim_cur == limit.rlim_max)
            let again = try ProcessHardening.raiseDescriptorLimit()
            #expect(again == limit.rlim_max, "a second time changes nothing")
        }
    }

    @Test func `memory is locked only by a process that may lock all of it`() async {
        await #expect(processExitsWith: .success) {
            var limit = Self.limit(__RLIMIT_MEMLOCK)
            let isCapable = try Self.isCapable(ofLocking: "CapEff")
            let mayLock = limit.rlim_cur == rlim_t.max || isCapable
            let lock = ProcessHardening.lockMemory()
            #expect(lock == (mayLock ? .locked : .limited(to: UInt64(limit.rlim_cur))))
            let locked = try Self.status("VmLck")
            #expect((locked != "0 kB") == mayLock, "the kernel agrees: \(locked)")
            limit.rlim_cur = 1 << 16
            #expect(unsafe setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            let lockUnderLimit = ProcessHardening.lockMemory()
            #expect(lockUnderLimit == (isCapable ? .locked : .limited(to: 1 << 16)))
        }
    }

    @Test(arguments: [false, true])
    func `freed memory goes back to the system, and what is locked stays locked`(isLocked: Bool) async throws {
        let mayLock = try Self.limit(__RLIMIT_MEMLOCK).rlim_cur == rlim_t.max || Self.isCapable(ofLocking: "CapEff")
        guard mayLock || !isLocked else { return }
        if isLocked {
            await #expect(processExitsWith: .success) { try Self.floodAndGiveBack(isLocked: true) }
        } else {
            await #expect(processExitsWith: .success) { try Self.floodAndGiveBack(isLocked: false) }
        }
    }

    /// Takes 64 MiB in pieces that the allocator does not map one by one, frees all but a few, and gives them back.
    private static func floodAndGiveBack(isLocked: Bool) throws {
        if isLocked { #expect(ProcessHardening.lockMemory() == .locked) }
        #expect(ProcessHardening.isMemoryLockWanted == isLocked)
        let idle = try kibibytes("VmRSS")
        var pieces: [[UInt8]] = []
        for _ in 0..<16_384 { pieces.append([UInt8](repeating: 1, count: 4096)) }
        let peak = try kibibytes("VmRSS")
        #expect(peak > idle + 64_000)
        // What stays lies at the top, so the heap does not just become shorter.
        pieces.removeFirst(16_000)
        try FreedMemory.giveBack()
        let (after, locked) = try (kibibytes("VmRSS"), kibibytes("VmLck"))
        #expect(after < idle + 16_000, "\(idle) kB idle, \(peak) kB at the peak, \(after) kB after")
        #expect((locked > 0) == isLocked)
        #expect(pieces.count == 384)
    }

    @Test func `code that has been run goes back to the system, and what is locked stays locked`() async throws {
        let mayLock = try Self.limit(__RLIMIT_MEMLOCK).rlim_cur == rlim_t.max || Self.isCapable(ofLocking: "CapEff")
        guard mayLock else { return }
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.lockMemory() == .locked)
            let (before, locked) = try (Self.kibibytes("RssFile"), Self.kibibytes("VmLck"))
            FreedMemory.giveBackProgram()
            let (after, stillLocked) = try (Self.kibibytes("RssFile"), Self.kibibytes("VmLck"))
            #expect(after < before - 4_000, "\(before) kB before, \(after) kB after")
            #expect(stillLocked >= locked)
        }
    }

    /// So many KiB; see ``status(_:)``.
    private static func kibibytes(_ name: String) throws -> Int {
        let line = try status(name)
        return try #require(line.split(separator: " ").first.flatMap { Int($0) })
    }

    /// A line of proc_pid_status(5) of this process.
    private static func status(_ name: String) throws -> String {
        let file = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(file.split(separator: "\n").first { $0.hasPrefix(name + ":") })
        return String(line.drop { $0 != "\t" }.drop { $0 == "\t" || $0 == " " })
    }

    /// Whether CAP_IPC_LOCK, number 14, is in that set.
    private static func isCapable(ofLocking set: String) throws -> Bool {
        let bits = try #require(UInt64(status(set), radix: 16))
        return bits & (1 << 14) != 0
    }
}
