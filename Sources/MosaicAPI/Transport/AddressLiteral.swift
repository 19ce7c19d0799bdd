/// Reads IP addresses written out in a URL, without asking any resolver.
enum AddressLiteral {
    /// The four octets of a dotted decimal address without leading zeros, or `nil`.
    static func ipv4Octets(_ host: some Collection<UInt8>) -> [UInt8]? {
        let parts = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit),
                part.count == 1 || part.first != UInt8(ascii: "0"),
                let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            octets.append(octet)
        }
        return octets
    }

    /// The eight groups of an IPv6 address (RFC 4291, section 2.2), or `nil`.
    ///
    /// Zone identifiers and the form with an embedded IPv4 address are not taken.
    static func ipv6Groups(_ host: some Collection<UInt8>) -> [UInt16]? {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = Array(host)[...]
        if rest.starts(with: "::".utf8) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: ":") }
            guard (1...4).contains(digits.count), let group = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            groups.append(group)
            rest = rest.dropFirst(digits.count)
            if rest.isEmpty { break }
            if rest.starts(with: "::".utf8) {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
                guard !rest.isEmpty else { return nil }
            }
        }
        guard let gap else { return groups.count == 8 ? groups : nil }
        guard groups.count <= 7 else { return nil }
        groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
        return groups
    }

    /// Whether the host is a literal address in 127.0.0.0/8 or `::1`.
    static func isLoopback(_ host: String) -> Bool {
        if let octets = ipv4Octets(host.utf8) { return octets[0] == 127 }
        return ipv6Groups(host.utf8) == [0, 0, 0, 0, 0, 0, 0, 1]
    }
}
