internal import CSystemd

/// Memory that is no longer needed: what was freed and the allocator keeps for the next allocation, and code that has been run.
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
        csystemd_drop_program(0)
        guard !mustLock || csystemd_lock_memory() == 0 else { throw SystemCallError(errnoOf: "mlockall") }
    }

    /// Gives back the pages of the program itself: its code and constants.
    ///
    /// What the start of a program runs is mostly not run again, yet locked memory keeps it for good. What is still run is
    /// mapped anew, from the system's cache of files, and is locked again.
    package static func giveBackProgram() {
        csystemd_drop_program(ProcessHardening.isMemoryLockWanted ? 1 : 0)
    }
}
