#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The first LF at or behind `start`, found by libc, which looks at many bytes at a time.
func firstLineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    return unsafe bytes.withUnsafeBytes { buffer in
        // Sound: the search stays within the buffer, whose bounds have just been checked, and the pointer that it
        // answers does not leave this closure.
        guard let base = buffer.baseAddress,
            let found = unsafe memchr(base + start, 0x0A, buffer.count - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - base
    }
}
