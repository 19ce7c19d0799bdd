import Secrets
import StrictJSON

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
        let parts = Self.parts(of: token)
        if parts.count == 5 { throw .encrypted }
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64.decodeURL(parts[2])
        else { throw .malformed }
        self.header = header
        self.claims = claims
        self.signature = signature
        signingInput = parts[0] + [UInt8(ascii: ".")] + parts[1]
    }

    /// The parts between the dots.
    static func parts(of token: Secret) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        token.withBytes { bytes in
            for index in bytes.indices {
                if bytes[index] == UInt8(ascii: ".") {
                    parts.append([])
                } else {
                    parts[parts.endIndex - 1].append(bytes[index])
                }
            }
        }
        return parts
    }

    /// The object that a part encodes.
    static func object(_ part: [UInt8]) -> JSONValue? {
        guard let bytes = Base64.decodeURL(part),
            let root = try? JSONDocument(parsing: bytes, maximumDepth: maximumDepth).root, root.kind == .object
        else { return nil }
        return root
    }
}
