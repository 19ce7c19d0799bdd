import Glibc
import Secrets
import Systemd
import Testing

@Suite struct SharedMemoryTests {
    let one = SIMD8<UInt64>(1, 2, 3, 4, 5, 6, 7, .max)

    /// Takes memory over and reads it; nil if it cannot be taken.
    private func read(_ descriptor: CInt, size: Int, at offset: Int = 0, count: Int = 1) throws -> [SIMD8<UInt64>]? {
        guard let memory = SharedMemory(taking: descriptor, size: size) else { return nil }
        return try memory.words(at: offset, count: count)
    }

    private func write() throws -> CInt {
        var memory = try SharedMemory.make(size: 8192, name: "test")
        memory.write(one, at: 64)
        memory.write(one &+ 1, at: 8192 - 64)
        return try memory.duplicate()
    }

    @Test func `what is written is there for whoever holds the descriptor, whatever becomes of the writer`() throws {
        let descriptor = try write()
        let copy = dup(descriptor)
        #expect(try read(descriptor, size: 8192, count: 3) == [SIMD8(), one, SIMD8()])
        #expect(try read(copy, size: 8192, at: 8192 - 64) == [one &+ 1])
    }

    @Test func `two that have it see the same`() throws {
        var memory = try SharedMemory.make(size: 4096, name: "test")
        let descriptor = try memory.duplicate()
        memory.write(one, at: 0)
        #expect(try read(descriptor, size: 4096) == [one])
    }

    @Test func `nobody can change its size or forbid to write`() throws {
        let memory = try SharedMemory.make(size: 4096, name: "test")
        let descriptor = try memory.duplicate()
        defer { close(descriptor) }
        #expect(ftruncate(descriptor, 0) == -1)
        #expect(ftruncate(descriptor, 8192) == -1)
        #expect(fcntl(descriptor, 1024 + 9, 8) == -1, "F_ADD_SEALS, F_SEAL_WRITE")
    }

    @Test func `memory that could shrink, or cannot be written, or is of another size, is not taken`() async throws {
        let fixed = try SealedMemory.make(Secret(copying: [UInt8](repeating: 1, count: 4096)), name: "test")
        #expect(try read(fixed, size: 4096) == nil)

        let memory = try SharedMemory.make(size: 4096, name: "test")
        #expect(try read(try memory.duplicate(), size: 8192) == nil)
        #expect(try read(try memory.duplicate(), size: 64) == nil)
        #expect(try read(-1, size: 4096) == nil)

        try await withTemporaryDirectory { directory in
            let file = unsafe open("\(directory)/file", O_RDWR | O_CREAT, 0o600)
            #expect(ftruncate(file, 4096) == 0)
            let inode = try FileStatus(ofDescriptor: file).inode
            let words = try read(file, size: 4096)
            #expect(words == nil)
            // The number may have been given to somebody else since.
            let isOpen = (try? FileStatus(ofDescriptor: file))?.inode == inode
            #expect(!isOpen, "what is not taken is closed")
        }
    }

    @Test(arguments: [-64, 8, 4096 - 8, 4096]) func `nothing is written outside`(offset: Int) async {
        await #expect(processExitsWith: .failure) { [offset] in
            var memory = try SharedMemory.make(size: 4096, name: "test")
            memory.write(SIMD8(), at: offset)
        }
    }
}
