import Glibc
import Systemd
import Testing

/// Each in a process of its own, which it changes.
@Suite(.timeLimit(.minutes(1))) struct ProcessHardeningTests {
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
            let mayLock = limit.rlim_cur == rlim_t.max
            let isLocked = try ProcessHardening.lockMemory()
            #expect(isLocked == mayLock)
            limit.rlim_cur = 1 << 16
            #expect(unsafe setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            let isLockedUnderLimit = try ProcessHardening.lockMemory()
            #expect(!isLockedUnderLimit)
        }
    }
}
