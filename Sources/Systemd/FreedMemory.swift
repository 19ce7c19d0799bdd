internal import CSystemd

/// Memory that was freed and that the allocator keeps for the next allocation.
package enum FreedMemory {
    /// Gives it back to the system (malloc_trim(3)); takes milliseconds where there is much of it.
    ///
    /// The kernel takes no page back that is locked, and the allocator cannot ask it to (madvise(2), MADV_DONTNEED). Where
    /// ``ProcessHardening/lockMemory()`` has locked the memory, it is unlocked for that long: a page can reach a swap device
    /// only if the system runs out of memory just then and the unit may swap, which `MemorySwapMax=0` forbids.
    ///
    /// - Throws: ``SystemCallError``: the memory was locked and could not be locked again. It stays unlocked until a later
    ///   call locks it.
    package static func giveBack() throws(SystemCallError) {
        let mustLock = ProcessHardening.isMemoryLockWanted
        if mustLock { _ = csystemd_unlock_memory() }
        csystemd_trim_memory()
        guard !mustLock || csystemd_lock_memory() == 0 else { throw SystemCallError(errnoOf: "mlockall") }
    }
}
