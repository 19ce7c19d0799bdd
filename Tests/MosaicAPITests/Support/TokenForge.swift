import Crypto
import CryptoExtras
import Secrets

@testable import MosaicAPI

/// Makes keys, key sets and tokens, good ones and bad ones.
struct TokenForge: Sendable {
    let rsa: _RSA.Signing.PrivateKey
    let p256 = P256.Signing.PrivateKey()

    init() throws {
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// The key set with the RSA key as `kid` and the P-256 key as `e1`.
    func keySet(kid: String = "r1") throws -> String {
        let primitives = try rsa.publicKey.getKeyPrimitives()
        let point = p256.publicKey.rawRepresentation
        return
            #"{"keys":[{"kty":"RSA","use":"sig","kid":"\#(kid)","alg":"RS256","n":"\#(Self.url(primitives.modulus))","#
            + #""e":"\#(Self.url(primitives.publicExponent))"},{"kty":"EC","crv":"P-256","kid":"e1","#
            + #""x":"\#(Self.url(point.prefix(32)))","y":"\#(Self.url(point.suffix(32)))"},"#
            + #"{"kty":"oct","kid":"secret","k":"AAAA"},{"kty":"RSA","use":"enc","kid":"enc","n":"AQAB","e":"AQAB"}]}"#
    }

    /// A token of this header and these claims.
    func token(_ claims: String, header: String = #"{"alg":"RS256","kid":"r1"}"#) throws -> Secret {
        let input = Self.url(Array(header.utf8)) + "." + Self.url(Array(claims.utf8))
        let digest = SHA256.hash(data: Array(input.utf8))
        let signature =
            header.contains("ES256")
            ? Array(try p256.signature(for: digest).rawRepresentation)
            : Array(try rsa.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        return Secret(input + "." + Self.url(signature))
    }

    /// Base64 for URLs.
    static func url(_ bytes: some Sequence<UInt8>) -> String {
        var text = String(decoding: Base64.encode(Array(bytes)), as: UTF8.self)
        while text.hasSuffix("=") { text.removeLast() }
        return String(text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }
}
