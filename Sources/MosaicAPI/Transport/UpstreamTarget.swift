package import Secrets

/// The user that a request names, as rate limits and failures are kept by.
///
/// It is a 64-bit hash (SipHash under a key of this process), so tables of targets are small and hold no names. Two users
/// with the same hash would share their limits; that takes one in 2⁶⁴, and a caller cannot choose it. ASCII letters
/// count without their case: spellings of one address are one user.
package struct UpstreamTarget: Sendable, Hashable {
    private let digest: Int

    /// The target with this identifier or user id, in UTF-8.
    package init(_ identifier: Secret) {
        digest = identifier.withBytes { bytes in Self.digest(of: bytes) }
    }

    /// The target with this identifier or user id, in UTF-8.
    package init(_ identifier: [UInt8]) {
        digest = Self.digest(of: identifier.span)
    }

    /// Takes eight bytes at a time, and their number, which tells what the last word leaves open.
    private static func digest(of bytes: Span<UInt8>) -> Int {
        var hasher = Hasher()
        var word: UInt64 = 0
        for index in bytes.indices {
            word = word << 8 | UInt64(bytes[index].lowercasedASCII)
            if index & 7 == 7 {
                hasher.combine(word)
                word = 0
            }
        }
        hasher.combine(word)
        hasher.combine(bytes.count)
        return hasher.finalize()
    }
}
