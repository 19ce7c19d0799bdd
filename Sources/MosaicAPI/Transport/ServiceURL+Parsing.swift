extension ServiceURL {
    /// The port that a scheme stands for (RFC 9110, section 4.2).
    static func defaultPort(secure: Bool) -> Int { secure ? 443 : 80 }

    /// Reads the scheme and tells where the authority begins.
    static func scheme(of bytes: [UInt8]) throws(ServiceURLError) -> (secure: Bool, afterScheme: Int) {
        for (scheme, secure) in [("https://", true), ("http://", false)] {
            let expected = Array(scheme.utf8)
            guard bytes.count >= expected.count else { continue }
            // Schemes are case-insensitive (RFC 3986, section 3.1); `:` and `/` have bit 5 set already.
            if bytes[..<expected.count].map({ $0 | 0x20 }) == expected { return (secure, expected.count) }
        }
        throw .scheme
    }

    /// Splits `host[:port]` or `[IPv6][:port]`.
    static func hostAndPort(_ authority: ArraySlice<UInt8>) throws(ServiceURLError) -> (host: String, port: Int?) {
        let host: ArraySlice<UInt8>
        let rest: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .host }
            host = authority[(authority.startIndex + 1)..<close]
            rest = authority[(close + 1)...]
            guard AddressLiteral.ipv6Groups(host) != nil else { throw .host }
        } else {
            let colon = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            host = authority[..<colon]
            rest = authority[colon...]
            guard isHostName(host) else { throw .host }
        }
        return (String(decoding: host.map { $0.lowercasedASCII }, as: UTF8.self), try port(rest))
    }

    /// Reads `:port`, or nothing.
    static func port(_ bytes: ArraySlice<UInt8>) throws(ServiceURLError) -> Int? {
        guard let colon = bytes.first else { return nil }
        let digits = bytes.dropFirst()
        guard colon == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(\.isASCIIDigit) else {
            throw .port
        }
        let port = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard (1...65_535).contains(port) else { throw .port }
        return port
    }

    /// Checks the characters of the path and drops the slashes at its end.
    static func checkedPath(_ bytes: ArraySlice<UInt8>) throws(ServiceURLError) -> String {
        var path = bytes
        while path.last == UInt8(ascii: "/") { path = path.dropLast() }
        guard !path.isEmpty else { return "" }
        for segment in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !segment.isEmpty, segment.elementsEqual(".".utf8) == false, segment.elementsEqual("..".utf8) == false
            else { throw .path }
            try checkSegment(Array(segment))
        }
        return String(decoding: path, as: UTF8.self)
    }

    /// Lets through what a path segment may contain: unreserved, sub-delimiters, `:`, `@` and `%` with two digits.
    private static func checkSegment(_ segment: [UInt8]) throws(ServiceURLError) {
        for (index, byte) in segment.enumerated() {
            if byte == UInt8(ascii: "%") {
                guard index + 2 < segment.count, segment[index + 1].isASCIIHexDigit, segment[index + 2].isASCIIHexDigit
                else { throw .path }
            } else if !byte.isUnreserved, !Array("!$&'()*+,;=:@".utf8).contains(byte) {
                throw .path
            }
        }
    }

    /// Whether the bytes are a DNS name or a dotted IPv4 address: labels of 1 to 63 letters, digits and hyphens.
    ///
    /// A name whose last label is numeric must be a whole IPv4 address, so that `127.1` is not taken for a name.
    private static func isHostName(_ host: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(host.count) else { return false }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.last?.allSatisfy(\.isASCIIDigit) == false else { return AddressLiteral.ipv4Octets(host) != nil }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
        }
    }
}
