#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Overwrites memory with zeros through a libc function that compilers must not remove as a dead store.
package func wipeMemory(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    #if canImport(Darwin)
    _ = unsafe memset_s(start, memory.count, 0, memory.count)
    #else
    unsafe explicit_bzero(start, memory.count)
    #endif
}

extension Array where Element == UInt8 {
    /// Overwrites the elements of this array and of all copies that share its buffer, none of which may be read any more.
    ///
    /// For bytes on their way through several hands, where the last one cannot know whether it has the only reference.
    /// They must not come from a literal.
    package func wipeInPlace() {
        // Sound: the buffer is the heap's, and its former readers are done with it.
        unsafe withUnsafeBytes { bytes in unsafe wipeMemory(UnsafeMutableRawBufferPointer(mutating: bytes)) }
    }

    /// Overwrites the elements with zeros and keeps the count.
    ///
    /// Only the buffer of this array is overwritten: if it is shared, the write makes a copy first and the others keep
    /// the content.
    public mutating func wipe() {
        unsafe withUnsafeMutableBytes { bytes in unsafe wipeMemory(bytes) }
    }
}
