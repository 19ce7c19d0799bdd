/// The buffer behind a ``Secret``: written once while it is made, read-only afterwards, overwritten on release.
///
/// The buffer's address is kept as an integer because a stored pointer would make the class non-`Sendable`. It is sound:
/// the address comes from `allocate`, stays valid until `deinit`, and nothing writes to the buffer between the two.
final class SecretStorage: Sendable {
    private let address: UInt
    private let capacity: Int
    let count: Int
    let standsForItself: Bool

    init<E: Error>(
        capacity: Int,
        standsForItself: Bool = false,
        initializingWith initializer: (inout OutputSpan<UInt8>) throws(E) -> Void
    ) throws(E) {
        self.standsForItself = standsForItself
        precondition(capacity >= 0, "a secret cannot have a negative size")
        // One byte at least, so that an empty secret has a valid address too.
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(capacity, 1))
        let limited = unsafe UnsafeMutableBufferPointer(rebasing: buffer[0..<capacity])
        var output = unsafe OutputSpan(buffer: limited, initializedCount: 0)
        do throws(E) {
            try initializer(&output)
        } catch {
            unsafe wipeMemory(UnsafeMutableRawBufferPointer(buffer))
            unsafe buffer.deallocate()
            throw error
        }
        self.count = unsafe output.finalize(for: limited)
        self.capacity = buffer.count
        self.address = UInt(bitPattern: buffer.baseAddress)
    }

    deinit {
        let start = unsafe UnsafeMutableRawPointer(bitPattern: address)
        unsafe wipeMemory(UnsafeMutableRawBufferPointer(start: start, count: capacity))
        unsafe start?.deallocate()
    }

    func withBytes<R: ~Copyable, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        // The span is only valid while the buffer is, and the buffer lives as long as `self`.
        defer { withExtendedLifetime(self) {} }
        let start = unsafe UnsafePointer<UInt8>(bitPattern: address)
        let buffer = unsafe UnsafeBufferPointer(start: start, count: count)
        return try body(unsafe buffer.span)
    }
}
