/// The agent's own id of one call, drawn at random: 32 hexadecimal digits.
///
/// Errors carry it as `call_id` and the audit record as `MOSAIC_CALL_ID`, so that what a caller saw can be found in the
/// journal.
package struct CallID: Sendable, Hashable, CustomStringConvertible {
    /// The digits.
    package let description: String

    /// A new id.
    package init(using generator: inout some RandomNumberGenerator) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for _ in 0..<2 {
            var bits = generator.next()
            for _ in 0..<16 {
                text.append(digits[Int(bits & 0xF)])
                bits >>= 4
            }
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// A new id from the system's random numbers.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }
}
