/// An absolute `https` URL of a service, checked strictly when it is made.
///
/// It has no user information or fragment, and its host is ASCII; a query it has only through ``appending(query:)``.
/// Plain `http` is taken only when the caller asks for it, and then only for a literal loopback address, where no one
/// else can listen in.
package struct ServiceURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the connection is encrypted: `https`, or not: `http`.
    package let isSecure: Bool
    /// The host as written, in lower case; an IPv6 address is without its brackets.
    package let host: String
    /// The port, also when the URL leaves it to the scheme (443 or 80).
    package let port: Int
    /// The path without a trailing slash; empty for the root.
    package let path: String
    /// The query in its encoded form, without the question mark; empty for none.
    package let query: String

    /// Scheme, host and port as in the `Origin` header (RFC 6454); the port only where it is not the scheme's own.
    package var origin: String {
        let scheme = isSecure ? "https" : "http"
        let shownHost = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == Self.defaultPort(secure: isSecure)
            ? "\(scheme)://\(shownHost)" : "\(scheme)://\(shownHost):\(port)"
    }

    /// The URL as text, with no trailing slash.
    package var description: String { origin + path + (query.isEmpty ? "" : "?" + query) }

    /// Whether the host is a literal address in 127.0.0.0/8 or `::1`.
    package var isLiteralLoopback: Bool { AddressLiteral.isLoopback(host) }

    /// Checks `text` and takes it apart.
    ///
    /// - Parameters:
    ///   - text: The URL, for example `https://api.eu.transmitsecurity.io/cis`. Slashes at its end are dropped.
    ///   - allowInsecureHTTP: Takes `http` too, for a literal loopback address only.
    /// - Throws: ``ServiceURLError`` saying what is wrong and what is allowed.
    package init(_ text: String, allowInsecureHTTP: Bool = false) throws(ServiceURLError) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .forbiddenCharacter }
        let (secure, afterScheme) = try Self.scheme(of: bytes)
        let rest = bytes[afterScheme...]
        guard !rest.contains(UInt8(ascii: "?")), !rest.contains(UInt8(ascii: "#")) else { throw .queryOrFragment }
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let authority = rest[..<slash]
        guard !authority.contains(UInt8(ascii: "@")) else { throw .userInformation }
        let (host, port) = try Self.hostAndPort(authority)
        self.isSecure = secure
        self.host = host
        self.port = port ?? Self.defaultPort(secure: secure)
        self.path = try Self.checkedPath(rest[slash...])
        self.query = ""
        if !secure {
            guard allowInsecureHTTP else { throw .insecure }
            guard AddressLiteral.isLoopback(host) else { throw .insecureBeyondLoopback }
        }
    }

    /// The `https` URL of a host known to be well-formed.
    init(secureHost host: String, path: String) {
        self.init(isSecure: true, host: host, port: Self.defaultPort(secure: true), path: path)
    }

    private init(isSecure: Bool, host: String, port: Int, path: String, query: String = "") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    /// The URL of a path below this one, joined with exactly one slash.
    ///
    /// - Parameter path: A relative path that is already in URL form, such as `v1/auth/password/authenticate`;
    ///   slashes at its ends are dropped. Values from outside go through ``appending(segment:)`` instead.
    package func appending(path: String) -> ServiceURL {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        return segments.isEmpty ? self : with(path: self.path + "/" + segments.joined(separator: "/"))
    }

    /// The URL with one more path segment, percent-encoded so that it stays one segment.
    package func appending(segment: some Sequence<UInt8>) -> ServiceURL {
        with(path: path + "/" + PercentEncoding.pathSegment(segment))
    }

    /// The URL with a query of these names and values, in their order.
    ///
    /// - Parameter parameters: Names that need no encoding, and values in UTF-8, which are percent-encoded down to the
    ///   unreserved characters of RFC 3986, so that no server takes a `+` for a space or an `&` for the next name.
    package func appending(query parameters: [(name: String, value: [UInt8])]) -> ServiceURL {
        let pairs = parameters.map { "\($0.name)=\(PercentEncoding.queryValue($0.value))" }
        return ServiceURL(
            isSecure: isSecure,
            host: host,
            port: port,
            path: path,
            query: pairs.joined(separator: "&")
        )
    }

    /// The URL of another absolute path at the same origin.
    package func atOrigin(path: String) -> ServiceURL {
        with(path: "").appending(path: path)
    }

    private func with(path: String) -> ServiceURL {
        ServiceURL(isSecure: isSecure, host: host, port: port, path: path)
    }
}

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

/// Why a text was refused as a service URL. The description says what is allowed.
package enum ServiceURLError: Error, Hashable, CustomStringConvertible {
    /// The text contains a space, a control character or something outside ASCII.
    case forbiddenCharacter
    /// The text does not begin with `https://`.
    case scheme
    /// The host is missing or not a DNS name or IP address.
    case host
    /// The port is not a number from 1 to 65535.
    case port
    /// The path contains an empty, `.` or `..` segment or a character that must be percent-encoded.
    case path
    /// The URL carries a user name or password.
    case userInformation
    /// The URL carries a query or a fragment.
    case queryOrFragment
    /// The URL is plain `http` where that was not asked for.
    case insecure
    /// The URL is plain `http` to something else than a literal loopback address.
    case insecureBeyondLoopback

    /// What is wrong and what is allowed, in one sentence without any of the URL's own text.
    package var description: String {
        switch self {
        case .forbiddenCharacter: "a URL may contain printable ASCII characters only, without spaces"
        case .scheme: "a URL must begin with https:// (or http:// for a loopback address, if allowed)"
        case .host: "the host must be a DNS name, an IPv4 address or an IPv6 address in brackets"
        case .port: "the port must be a number from 1 to 65535"
        case .path: "the path may have no empty, . or .. segments, and special characters must be percent-encoded"
        case .userInformation: "a URL must not contain a user name or password"
        case .queryOrFragment: "a URL must have neither a query nor a fragment"
        case .insecure: "plain http is refused; use https, or allow insecure http for a loopback address"
        case .insecureBeyondLoopback: "plain http is allowed to a literal 127.0.0.0/8 address or [::1] only"
        }
    }
}
