import Secrets
import StrictJSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A signed token in compact form (RFC 7515, section 7.1), taken apart but not checked.
struct CompactToken {
    /// Why a text is no such token.
    enum Problem: Error {
        /// It has the five parts of an encrypted token (RFC 7516, section 7.1).
        case encrypted
        /// It is nothing known.
        case malformed
    }

    /// The header, an object.
    let header: JSONValue
    /// The claims, an object.
    let claims: JSONValue
    /// What the signature is over.
    let signingInput: [UInt8]
    /// The signature.
    let signature: [UInt8]

    /// How deep claims may nest: they travel inside an answer, two levels down.
    static let maximumDepth = 14

    /// Takes a token apart.
    init(_ token: Secret) throws(Problem) {
        self = try token.withBytes { bytes throws(Problem) in
            let parts = Self.parts(of: bytes)
            if parts.count == 5 { throw .encrypted }
            guard parts.count == 3, let header = Self.object(bytes.extracting(parts[0])),
                let claims = Self.object(bytes.extracting(parts[1])),
                let signature = Base64.decodeURL(bytes.extracting(parts[2]))
            else { throw .malformed }
            let signed = bytes.extracting(0..<parts[1].upperBound)
            return CompactToken(
                header: header,
                claims: claims,
                signingInput: Array(capacity: signed.count) { $0.append(copying: signed) },
                signature: signature
            )
        }
    }

    private init(header: JSONValue, claims: JSONValue, signingInput: [UInt8], signature: [UInt8]) {
        self.header = header
        self.claims = claims
        self.signingInput = signingInput
        self.signature = signature
    }

    /// Where the parts between the dots are; no more than one more than there may be.
    static func parts(of token: Span<UInt8>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        parts.reserveCapacity(6)
        var start = 0
        // Sound: the buffer is only read, and only inside the closure.
        unsafe token.withUnsafeBytes { bytes in
            while parts.count < 5, let dot = unsafe firstDot(in: bytes, from: start) {
                parts.append(start..<dot)
                start = dot + 1
            }
        }
        parts.append(start..<token.count)
        return parts
    }

    private static func firstDot(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = unsafe memchr(base + start, CInt(UInt8(ascii: ".")), bytes.count - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - base
    }

    /// The object that a part encodes.
    static func object(_ part: Span<UInt8>) -> JSONValue? {
        guard let bytes = Base64.decodeURL(part),
            let root = try? JSONDocument(parsing: bytes, maximumDepth: maximumDepth).root, root.kind == .object
        else { return nil }
        return root
    }
}
