import Crypto
import Secrets
import Testing

@testable import AgentDaemon

@Suite("The prepared HMAC")
struct PreparedHMACTests {
    /// Shorter than a block, as long, and longer; a longer key is hashed first (RFC 2104, section 2).
    static let keyLengths = [0, 1, 32, 63, 64, 65, 200]

    @Test(arguments: keyLengths, [0, 1, 55, 64, 1000]) func `gives the library's code`(key: Int, message: Int) {
        let key = (0..<key).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
        let message = (0..<message).map { UInt8(truncatingIfNeeded: $0 &* 11 &+ 5) }
        let prepared = PreparedHMAC(key: Secret(copying: key))
        let expected = Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
        // Twice: a code must not change what the next one begins with.
        #expect(Array(prepared.code(of: message)) == expected)
        #expect(Array(prepared.code(of: message)) == expected)
    }
}
