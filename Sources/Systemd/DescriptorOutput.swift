internal import Glibc

/// Writes to descriptors such as standard error.
package enum DescriptorOutput {
    /// Writes all of `bytes`, in one call as a rule, so that lines of several threads do not mix; a stream that is gone
    /// takes nothing.
    package static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Sound: the kernel only reads the bytes of the slice, while it is in place.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
