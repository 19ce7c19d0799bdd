internal import Glibc

/// IP addresses and their text forms, as the C library reads and writes them (inet_pton(3), inet_ntop(3)).
package enum NetworkAddress {
    /// The 4 or 16 bytes of an address, in network byte order; nil if the text is none.
    ///
    /// Zone identifiers, ports, brackets and white space are not taken.
    package static func bytes(of text: String) -> [UInt8]? {
        // The C library stops at a NUL, and would take what stands before it.
        guard !text.utf8.contains(0) else { return nil }
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            // Sound: Swift lends the text with its final zero, and the C library fills 4 bytes for AF_INET and 16 for
            // AF_INET6, which is how many there are.
            if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// The usual text form of an address of 4 or 16 bytes.
    package static func text(of bytes: [UInt8]) -> String {
        precondition(bytes.count == 4 || bytes.count == 16, "an address of 4 or 16 bytes")
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // Sound: the C library reads 4 bytes for AF_INET and 16 for AF_INET6, which is how many there are, and writes at
        // most as many as it is told, a final zero among them.
        unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
