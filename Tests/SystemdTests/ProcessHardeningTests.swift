import Foundation
import Glibc
import Systemd
import TestSupport
import Testing

/// Each in a process of its own, which it changes.
@Suite(.patient) struct ProcessHardeningTests {
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
