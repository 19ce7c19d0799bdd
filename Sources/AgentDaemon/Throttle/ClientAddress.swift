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

    /// Reads an address as programs and proxies state it: alone, `address:port` of IPv4 or `[address]:port` of IPv6; nil for
    /// anything else.
    package init?(stated text: String) {
        if let address = ClientAddress(text) {
            self = address
            return
        }
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        guard Self.isPort(text.utf8[text.utf8.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        let isBracketed = host.utf8.first == UInt8(ascii: "[") && host.utf8.last == UInt8(ascii: "]")
        if isBracketed { host = host.dropFirst().dropLast() }
        // Brackets are for IPv6 and only for it: without them its last part could not be told from a port.
        guard host.utf8.contains(UInt8(ascii: ":")) == isBracketed, let address = ClientAddress(String(host)) else {
            return nil
        }
        self = address
    }

    /// Whether a text is a port number, 1 to 65535, without zeros before it.
    private static func isPort(_ digits: Substring.UTF8View) -> Bool {
        guard 1...5 ~= digits.count, digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65_535
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
