import AgentProtocol
import Glibc
import Synchronization

/// The agent's own id of one call, drawn at random: 32 hexadecimal digits.
///
/// Errors carry it as `call_id` and the audit record as `MOSAIC_CALL_ID`, so that what a caller saw can be found in the
/// journal.
package struct CallID: Sendable, Hashable, CustomStringConvertible {
    private static let words = Mutex(RandomWords())

    private let high: UInt64
    private let low: UInt64

    /// A new id.
    package init(using generator: inout some RandomNumberGenerator) {
        high = generator.next()
        low = generator.next()
    }

    /// A new id from the system's random numbers.
    package init() {
        self = Self.words.withLock { CallID(using: &$0) }
    }

    /// The digits.
    package var description: String { String(hexadecimal: high, low) }
}

/// Makes up what Mosaic would have called a send that it did not make.
enum RandomRequestID {
    /// A random `request_id` of the usual form: a UUID of version 4 (RFC 9562, section 5.4) in lower case.
    static func make(using generator: inout some RandomNumberGenerator) -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }

    /// A random `request_id` from the system's random numbers.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return make(using: &generator)
    }
}

/// Random numbers of the system, fetched many at a time: each fetch is a system call (getrandom(2) by getentropy(3)).
struct RandomWords: RandomNumberGenerator, Sendable {
    /// Fetched at a time: 256 bytes, the most that getentropy(3) gives at once.
    static let batch = 32

    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if let word = words.popLast() { return word }
        words = [UInt64](repeating: 0, count: Self.batch)
        let isFilled = unsafe words.withUnsafeMutableBytes { bytes in
            // Sound: the buffer is written inside the closure only, and not beyond its end.
            guard let start = bytes.baseAddress else { return false }
            return unsafe getentropy(start, bytes.count) == 0
        }
        guard isFilled, let word = words.popLast() else {
            words = []
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        return word
    }
}
