internal import CSystemd
internal import Glibc
internal import Synchronization

/// Settings of this process that keep its memory private and give it enough descriptors.
package enum ProcessHardening {
    /// Makes sure that no core file and no debugger of the same user shows this process's memory.
    ///
    /// `/proc/self` belongs to root from then on (prctl(2), PR_SET_DUMPABLE). Child processes inherit the limit of 0 on
    /// core files, but are dumpable again once they run another program.
    package static func forbidCoreDumps() throws(SystemCallError) {
        try self.setLimit(RLIMIT_CORE, rlimit(rlim_cur: 0, rlim_max: 0))
        guard csystemd_set_dumpable(0) == 0 else { throw SystemCallError(errnoOf: "prctl(PR_SET_DUMPABLE)") }
    }

    /// Whether core files and debuggers of the same user can see this process's memory.
    package static var isDumpable: Bool {
        csystemd_get_dumpable() != 0
    }

    /// Raises the soft limit on open descriptors to the hard one, and answers it.
    ///
    /// The soft limit is 1,024 by default for the sake of programs that call select(2); this one does not.
    @discardableResult
    package static func raiseDescriptorLimit() throws(SystemCallError) -> UInt64 {
        var limit = try self.limit(RLIMIT_NOFILE)
        if limit.rlim_cur != limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            try self.setLimit(RLIMIT_NOFILE, limit)
        }
        return UInt64(limit.rlim_cur)
    }

    /// What became of the wish to keep all memory out of the swap.
    package enum MemoryLock: Hashable, Sendable {
        /// No page of this process goes to a swap device.
        case locked
        /// The process may lock only so many bytes; then it locks none.
        case limited(to: UInt64)
        /// The kernel refuses it.
        case refused(SystemCallError)
    }

    /// Keeps all memory of this process, now and later, from being swapped to a disk, if it may lock as much as it likes.
    ///
    /// Passwords and tokens pass through buffers of libraries, so locking single secrets would not do. Under a limit
    /// (`LimitMEMLOCK=`) nothing is locked: what counts against it is the address space, and a process that reaches it
    /// gets no more memory at all. With CAP_IPC_LOCK there is no limit (mlockall(2)).
    package static func lockMemory() -> MemoryLock {
        do throws(SystemCallError) {
            let limit = try self.limit(__RLIMIT_MEMLOCK).rlim_cur
            guard limit == rlim_t.max || csystemd_may_lock_all_memory() == 1 else {
                return .limited(to: UInt64(limit))
            }
            guard csystemd_lock_memory() == 0 else { throw SystemCallError(errnoOf: "mlockall") }
            wantsMemoryLock.store(true, ordering: .relaxed)
            return .locked
        } catch {
            return .refused(error)
        }
    }

    /// Whether ``lockMemory()`` has locked the memory: it is to be locked again after an interruption.
    static var isMemoryLockWanted: Bool { wantsMemoryLock.load(ordering: .relaxed) }

    /// Of the process, as the lock itself is.
    private static let wantsMemoryLock = Atomic(false)

    private static func limit(_ resource: __rlimit_resource) throws(SystemCallError) -> rlimit {
        var limit = rlimit()
        // Sound: the kernel fills the one structure it is given.
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
            throw SystemCallError(errnoOf: "getrlimit")
        }
        return limit
    }

    private static func setLimit(_ resource: __rlimit_resource, _ limit: rlimit) throws(SystemCallError) {
        // Sound: the kernel reads the one structure it is given.
        guard unsafe withUnsafePointer(to: limit, { unsafe setrlimit(__rlimit_resource_t(resource.rawValue), $0) }) == 0
        else { throw SystemCallError(errnoOf: "setrlimit") }
    }
}
