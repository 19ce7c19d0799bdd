/// Percent-encoding of URL path segments and query values (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// Encodes `segment` so that it stands as one path segment whatever it contains.
    ///
    /// Only the unreserved characters of RFC 3986, section 2.3 stay as they are. The sub-delimiters, `:` and `@`,
    /// which a segment may carry bare, are encoded too: some servers read a bare `+` as a space, and an encoded one
    /// means the same everywhere. The segments `.` and `..` are encoded as well, since a client or a server may
    /// otherwise resolve them as steps in the path.
    package static func pathSegment(_ segment: some Sequence<UInt8>) -> String {
        let encoded = queryValue(segment)
        switch encoded {
        case ".": return "%2E"
        case "..": return "%2E%2E"
        default: return encoded
        }
    }

    /// Encodes `value` so that it stands as one value of a query whatever it contains.
    package static func queryValue(_ value: some Sequence<UInt8>) -> String {
        var encoded: [UInt8] = []
        for byte in value {
            if byte.isUnreserved {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(upperHexDigit(byte >> 4))
                encoded.append(upperHexDigit(byte & 0xF))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The upper-case hexadecimal digit of a value below 16.
    static func upperHexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value - 10)
    }
}
