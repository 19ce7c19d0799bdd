internal import CSystemd
internal import Glibc
package import Secrets

/// Anonymous memory behind a descriptor that can be changed no more (memfd_create(2), F_ADD_SEALS).
///
/// The service manager keeps such descriptors for a service over a restart; their content never touches a disk as long as
/// the unit has no swap (`MemorySwapMax=0`).
package enum SealedMemory {
    /// The longest content that is taken back, in bytes.
    package static let maximumSize = 65_536

    /// A new descriptor with this content, closed on exec; the caller closes it.
    package static func make(_ content: Secret, name: String) throws(SystemCallError) -> CInt {
        // Sound: the kernel copies the name during the call.
        let descriptor = unsafe csystemd_memfd_create(name)
        guard descriptor >= 0 else { throw SystemCallError(errnoOf: "memfd_create") }
        do throws(SystemCallError) {
            try self.write(content, to: descriptor)
            guard csystemd_seal(descriptor, csystemd_seals_of_all) == 0 else {
                throw SystemCallError(errnoOf: "fcntl(F_ADD_SEALS)")
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The content; nil if the descriptor is no memory that is sealed for good, or too long.
    package static func content(of descriptor: CInt) -> Secret? {
        guard csystemd_has_seals(descriptor, csystemd_seals_of_all) == 1 else { return nil }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size > 0, size <= self.maximumSize, lseek(descriptor, 0, SEEK_SET) == 0 else { return nil }
        let secret = Secret(capacity: Int(size)) { output in
            while !output.isFull {
                // Sound: the kernel writes at most as many bytes as are free behind the first `count`, and what it wrote
                // is counted as initialised.
                let added = unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                    let free = unsafe UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                    )
                    let added = unsafe read(descriptor, free.baseAddress, free.count)
                    count += max(0, added)
                    return added
                }
                guard added > 0 else { return }
            }
        }
        return secret.count == Int(size) ? secret : nil
    }

    private static func write(_ content: Secret, to descriptor: CInt) throws(SystemCallError) {
        let written = content.withBytes { bytes in
            // Sound: the kernel reads as many bytes as the span has. Memory takes them all at once.
            unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
        guard written == content.count else { throw SystemCallError(errnoOf: "write") }
    }
}
