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
        token.withBytes { bytes in
            let parts = CompactToken.parts(of: bytes)
            return parts.count == 3 ? CompactToken.object(bytes.extracting(parts[1])) : nil
        }
    }
}
