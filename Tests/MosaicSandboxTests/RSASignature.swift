import CryptoExtras
import Foundation
import Testing

/// RS256 verification with swift-crypto, independent of jwt-kit.
enum RSASignature {
    static func verify(modulus: Data, exponent: Data, signature: Data, input: Data) throws {
        let key = try _RSA.Signing.PublicKey(n: modulus, e: exponent)
        #expect(
            key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature),
                for: input,
                padding: .insecurePKCS1v1_5
            )
        )
    }
}
