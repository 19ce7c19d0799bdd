import AgentProtocol
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
