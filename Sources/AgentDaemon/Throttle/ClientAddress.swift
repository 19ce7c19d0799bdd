import Systemd

/// The address from which an application's user comes, as far as it tells callers apart.
///
/// An IPv4 address counts whole. Of an IPv6 address only the first 64 bits do: who has one has 2^64 of them.
package struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
    /// The version of the protocol.
    enum Family: UInt8, Sendable {
        case ipv4 = 4
        case ipv6 = 6
    }

    let family: Family
    /// All 32 bits of an IPv4 address; the first 64 of an IPv6 address.
    let bits: UInt64

    init(family: Family, bits: UInt64) {
        self.family = family
        self.bits = bits
    }

    /// Reads the text form of an address (inet_pton(3)); nil if it is none.
    ///
    /// Different texts of one address are equal, and an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) is the IPv4
    /// address.
    package init?(_ text: String) {
        guard var bytes = NetworkAddress.bytes(of: text) else { return nil }
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) { bytes.removeFirst(12) }
        family = bytes.count == 4 ? .ipv4 : .ipv6
        bits = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// `198.51.100.7` or `2001:db8:1:2::/64`.
    package var description: String {
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
        }
        return switch family {
        case .ipv4: NetworkAddress.text(of: bytes(4))
        case .ipv6: NetworkAddress.text(of: bytes(8) + [UInt8](repeating: 0, count: 8)) + "/64"
        }
    }
}

/// Who makes an attempt or a send: a uid, and where its application vouches for it, the address of the application's user.
package struct ThrottleCaller: Sendable, Hashable {
    /// The uid of the calling process.
    package let uid: UInt32
    /// The address, if the caller's rule trusts its word on it.
    package let address: ClientAddress?

    /// A caller.
    package init(uid: UInt32, address: ClientAddress? = nil) {
        self.uid = uid
        self.address = address
    }
}
