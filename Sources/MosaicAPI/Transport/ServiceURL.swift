/// An absolute `https` URL of a service, checked strictly when it is made.
///
/// It has no user information or fragment, and its host is ASCII; a query it has only through ``appending(query:)``.
/// Plain `http` is taken only when the caller asks for it, and then only for a literal loopback address, where nobody
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
