import CSystemd

/// Memory that was freed and that the allocator keeps for the next allocation.
package enum FreedMemory {
    /// Gives it back to the system (malloc_trim(3)); takes milliseconds where there is much of it.
    package static func giveBack() {
        csystemd_trim_memory()
    }
}
