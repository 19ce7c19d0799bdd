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
        digest = identifier.withBytes { bytes in
            var hasher = Hasher()
            for index in bytes.indices { hasher.combine(bytes[index].lowercasedASCII) }
            return hasher.finalize()
        }
    }

    /// The target with this identifier or user id, in UTF-8.
    package init(_ identifier: [UInt8]) {
        var hasher = Hasher()
        for byte in identifier { hasher.combine(byte.lowercasedASCII) }
        digest = hasher.finalize()
    }
}
