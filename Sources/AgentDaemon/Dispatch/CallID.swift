import Glibc
import Synchronization

/// The agent's own id of one call, drawn at random: 32 hexadecimal digits.
///
/// Errors carry it as `call_id` and the audit record as `MOSAIC_CALL_ID`, so that what a caller saw can be found in the
/// journal.
package struct CallID: Sendable, Hashable, CustomStringConvertible {
    /// The digits.
    package let description: String

    /// A new id.
    package init(using generator: inout some RandomNumberGenerator) {
        let halves = (generator.next(), generator.next())
        description = unsafe String(unsafeUninitializedCapacity: 32) { text in
            for (offset, half) in [(0, halves.0), (16, halves.1)] {
                for digit in 0..<16 {
                    let value = UInt8(truncatingIfNeeded: half >> UInt64(4 * digit)) & 0xF
                    // Sound: 32 digits are within the capacity.
                    unsafe text[offset + digit] =
                        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                }
            }
            return 32
        }
    }

    /// A new id from the system's random numbers.
    package init() {
        self = Self.pool.withLock { pool in CallID(using: &pool) }
    }

    private static let pool = Mutex(RandomPool())
}

/// Random numbers of the system, fetched many at a time: each fetch is a system call.
private struct RandomPool: RandomNumberGenerator {
    /// What getentropy(3) gives at once, 256 bytes.
    private static let size = 32

    private var numbers: [UInt64] = []

    mutating func next() -> UInt64 {
        if let number = numbers.popLast() { return number }
        numbers = [UInt64](repeating: 0, count: Self.size)
        // Sound: the buffer has as many bytes as are asked for.
        let result = unsafe numbers.withUnsafeMutableBytes { bytes in
            unsafe getentropy(bytes.baseAddress, bytes.count)
        }
        // It fails only where the kernel has no such call.
        guard result == 0 else {
            numbers = []
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        return numbers.removeLast()
    }
}
