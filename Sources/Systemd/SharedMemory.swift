internal import CSystemd
internal import Glibc

/// Anonymous memory behind a descriptor, mapped to be written at any time (memfd_create(2), mmap(2)).
///
/// A later holder of the descriptor finds what was written last, however this process ended. It is sealed against every
/// change of its size, so no page of the mapping can go away under it.
///
/// The mapping's address is kept as an integer because a stored pointer would make the type non-`Sendable`. It is sound:
/// the address comes from mmap(2), stays valid until `deinit` because nothing else unmaps it, every access is checked
/// against the size, and as the value cannot be copied, only one at a time can write.
package struct SharedMemory: ~Copyable, Sendable {
    /// How many bytes it has.
    package let size: Int
    private let descriptor: CInt
    private let address: UInt

    /// New memory, all zero.
    package static func make(size: Int, name: String) throws(SystemCallError) -> SharedMemory {
        // Sound: the kernel copies the name during the call.
        let descriptor = unsafe csystemd_memfd_create(name)
        guard descriptor >= 0 else { throw SystemCallError(errnoOf: "memfd_create") }
        do throws(SystemCallError) {
            guard ftruncate(descriptor, off_t(size)) == 0 else { throw SystemCallError(errnoOf: "ftruncate") }
            guard csystemd_seal(descriptor, csystemd_seals_of_size) == 0 else {
                throw SystemCallError(errnoOf: "fcntl(F_ADD_SEALS)")
            }
            return SharedMemory(
                size: size,
                descriptor: descriptor,
                address: try self.map(descriptor, size: size)
            )
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The memory behind a descriptor, which then belongs to it; nil, and the descriptor is closed, unless that is memory
    /// of this very size, sealed as it should be and no further.
    package init?(taking descriptor: CInt, size: Int) {
        guard csystemd_has_seals(descriptor, csystemd_seals_of_size) == 1,
            lseek(descriptor, 0, SEEK_END) == off_t(size),
            let address = try? Self.map(descriptor, size: size)
        else {
            close(descriptor)
            return nil
        }
        self.init(size: size, descriptor: descriptor, address: address)
    }

    private init(size: Int, descriptor: CInt, address: UInt) {
        self.size = size
        self.descriptor = descriptor
        self.address = address
    }

    deinit {
        // Sound: nothing uses the mapping any more.
        unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), size)
        close(descriptor)
    }

    private static func map(_ descriptor: CInt, size: Int) throws(SystemCallError) -> UInt {
        // Sound: the kernel picks an address that nothing else uses.
        let start = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard unsafe start != MAP_FAILED else { throw SystemCallError(errnoOf: "mmap") }
        return UInt(bitPattern: start)
    }

    /// Writes eight words at an offset that is a multiple of their size.
    ///
    /// A process that ends while it writes leaves any of them old and any of them new.
    package mutating func write(_ words: SIMD8<UInt64>, at offset: Int) {
        precondition(
            offset >= 0 && offset <= size - MemoryLayout<SIMD8<UInt64>>.size
                && offset.isMultiple(of: MemoryLayout<SIMD8<UInt64>>.alignment),
            "a place within the memory"
        )
        let place = unsafe UnsafeMutableRawPointer(bitPattern: address + UInt(offset))
        // Sound: the place and the 64 bytes from there on are within the mapping.
        unsafe place?.storeBytes(of: words, as: SIMD8<UInt64>.self)
    }

    /// Reads groups of eight words, the first at an offset.
    ///
    /// They are read through the descriptor: a look at a page of the mapping that was never written would make the kernel
    /// provide one.
    package func words(at offset: Int, count: Int) throws(SystemCallError) -> [SIMD8<UInt64>] {
        let length = count * MemoryLayout<SIMD8<UInt64>>.stride
        precondition(offset >= 0 && length >= 0 && offset <= size - length, "a place within the memory")
        var words = [SIMD8<UInt64>](repeating: SIMD8(), count: count)
        // Sound: the kernel writes at most as many bytes as the array has, and every pattern of bits is a number.
        guard unsafe pread(descriptor, &words, length, off_t(offset)) == length else {
            throw SystemCallError(errnoOf: "pread")
        }
        return words
    }

    /// A descriptor of the memory for another process.
    package func duplicate() throws(SystemCallError) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemCallError(errnoOf: "fcntl(F_DUPFD_CLOEXEC)") }
        return copy
    }
}
