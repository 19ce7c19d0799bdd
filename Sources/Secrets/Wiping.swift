#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Overwrites memory with zeros through a libc function that compilers must not remove as a dead store.
func wipeMemory(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    #if canImport(Darwin)
    _ = unsafe memset_s(start, memory.count, 0, memory.count)
    #else
    unsafe explicit_bzero(start, memory.count)
    #endif
}

extension Array where Element == UInt8 {
    /// Overwrites the elements with zeros and keeps the count.
    ///
    /// Only the buffer of this array is overwritten: if it is shared, the write makes a copy first and the others keep
    /// the content.
    public mutating func wipe() {
        unsafe withUnsafeMutableBytes { bytes in unsafe wipeMemory(bytes) }
    }
}
