import Secrets
import StrictJSON

/// Reads tokens without checking their signatures.
///
/// Good enough for a token that came over TLS from the server that issued it, in answer to our own request; never for one
/// that somebody hands in.
enum UnverifiedToken {
    /// The payload of a signed token.
    ///
    /// - Returns: `nil` when the token is no JWS in compact form (RFC 7515, section 7.1) with an object in it, for
    ///   example because it is encrypted.
    static func payload(of token: Secret) -> JSONValue? {
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
        guard parts.count == 3, let payload = Base64.decodeURL(parts[1]),
            let root = try? JSONDocument(parsing: payload, maximumDepth: 16).root, root.kind == .object
        else { return nil }
        return root
    }
}
