/// The challenges of an answer's `WWW-Authenticate` fields (RFC 9110, sections 11.2, 11.3 and 11.6.1).
///
///     WWW-Authenticate = #challenge
///     challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
///     auth-param       = token BWS "=" BWS ( token / quoted-string )
///
/// A comma separates challenges as well as the parameters of one, so only the "=" behind a name tells a parameter from
/// the scheme of the next challenge. What stands inside a quoted string is no challenge, whatever it looks like.
struct AuthenticationChallenges: Sendable, Hashable {
    /// The schemes in the order of the fields, in lower case.
    private(set) var schemes: [String] = []
    /// Whether a field broke the grammar. The challenges before the fault count, the rest of that field does not.
    private(set) var isMalformed = false

    /// Reads fields as they were received.
    init(_ fields: [String]) {
        for field in fields {
            var reader = FieldReader(field)
            isMalformed = !reader.readChallenges() || isMalformed
            schemes += reader.schemes
        }
    }

    /// Whether there is no challenge, not even an unreadable one.
    var isEmpty: Bool { schemes.isEmpty && !isMalformed }

    /// Whether a bearer token is asked for, alone or among others (RFC 6750, section 3).
    var namesBearer: Bool { schemes.contains("bearer") }
}

/// Reads one field, byte by byte.
private struct FieldReader {
    private(set) var schemes: [String] = []
    private let bytes: [UInt8]
    private var index = 0

    init(_ field: String) {
        bytes = Array(field.utf8)
    }

    /// Reads the field to its end; `false` when it breaks the grammar.
    mutating func readChallenges() -> Bool {
        var hasScheme = false
        while true {
            // Empty elements of a list are to be ignored (RFC 9110, section 5.6.1.2).
            skip { Self.isBlank($0) || $0 == UInt8(ascii: ",") }
            guard next != nil else { return true }
            let name = take(Self.isTokenCharacter)
            guard !name.isEmpty else { return false }
            let hasBlank = next.map(Self.isBlank) ?? false
            skip(Self.isBlank)
            if hasScheme, next == UInt8(ascii: "=") {
                guard readParameterValue() else { return false }
                continue
            }
            schemes.append(String(decoding: name.map(\.lowercasedASCII), as: UTF8.self))
            hasScheme = true
            if isElementEnd { continue }
            guard hasBlank, readToken68() || readParameter() else { return false }
        }
    }

    /// Reads a token68 that is the whole rest of its challenge, or nothing.
    private mutating func readToken68() -> Bool {
        let start = index
        let characters = take(Self.isToken68Character)
        skip { $0 == UInt8(ascii: "=") }
        skip(Self.isBlank)
        if !characters.isEmpty, isElementEnd { return true }
        index = start
        return false
    }

    private mutating func readParameter() -> Bool {
        guard !take(Self.isTokenCharacter).isEmpty else { return false }
        skip(Self.isBlank)
        return readParameterValue()
    }

    /// Reads "=", the value behind it, and the blanks up to the end of the element.
    private mutating func readParameterValue() -> Bool {
        guard next == UInt8(ascii: "=") else { return false }
        index += 1
        skip(Self.isBlank)
        if next == UInt8(ascii: "\"") {
            guard skipQuotedString() else { return false }
        } else if take(Self.isTokenCharacter).isEmpty {
            return false
        }
        skip(Self.isBlank)
        return isElementEnd
    }

    /// Skips a quoted string (RFC 9110, section 5.6.4); `false` when it has no end.
    private mutating func skipQuotedString() -> Bool {
        index += 1
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): index += 1
            default: break
            }
        }
        return false
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private var isElementEnd: Bool { next == nil || next == UInt8(ascii: ",") }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while let byte = next, isSkipped(byte) { index += 1 }
    }

    private mutating func take(_ isTaken: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = index
        skip(isTaken)
        return bytes[start..<index]
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// `tchar` of RFC 9110, section 5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func isToken68Character(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "-._~+/".utf8.contains(byte)
    }
}
