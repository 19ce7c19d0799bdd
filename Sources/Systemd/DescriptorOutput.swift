internal import Dispatch
internal import Glibc

/// Writes to descriptors such as standard error.
package enum DescriptorOutput {
    /// A write that failed, perhaps after a part.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        /// Bytes that were written before.
        package let written: Int
        /// What happened.
        package let error: SystemCallError

        /// `write: No space left on device`.
        package var description: String { self.error.description }
    }

    /// Writes all of `bytes`, in one call as a rule, so that lines of several threads do not mix. It blocks while the stream
    /// takes none, also where that is set to non-blocking mode by a process that shares it.
    package static func write(_ bytes: [UInt8], to descriptor: CInt) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Sound: the kernel only reads the bytes of the slice, while it is in place.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            let number = errno
            if count < 0, number == EINTR { continue }
            if count < 0, number == EAGAIN, Self.waitUntilWritable(descriptor) { continue }
            throw Failure(
                written: bytes.count - rest.count,
                error: SystemCallError(call: "write", number: count < 0 ? number : EIO)
            )
        }
    }

    /// Writes `bytes`, but waits no longer than `limit` for a stream that takes none; what is left then is lost.
    package static func write(_ bytes: [UInt8], to descriptor: CInt, within limit: Duration) {
        let isDone = DispatchSemaphore(value: 0)
        let isStarted = DetachedThread.run {
            try? Self.write(bytes, to: descriptor)
            isDone.signal()
        }
        guard isStarted else { return }
        _ = isDone.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1))))
    }

    private static func waitUntilWritable(_ descriptor: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Sound: the kernel reads and writes the one entry it is given.
        return unsafe poll(&entry, 1, -1) >= 0 || errno == EINTR
    }
}
