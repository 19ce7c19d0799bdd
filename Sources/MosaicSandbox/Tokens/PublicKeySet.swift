import Crypto
import CryptoExtras
import Foundation

/// The public keys that a client registered, and the signatures they verify: RS256 and ES256.
struct PublicKeySet: Sendable {
    /// Why a key set was not accepted.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private enum Key: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
    }

    private var keys: [String: Key] = [:]

    /// The names of the keys.
    var keyIDs: [String] { keys.keys.sorted() }

    /// Reads a JWKS document, or a single JWK.
    ///
    /// - Throws: ``Failure`` for keys of other kinds or without `kid`, for a doubled `kid`, and for private keys, which must never
    ///   leave the client.
    init(_ document: JSONValue) throws(Failure) {
        let list = document["keys"]?.elements ?? (document["kty"] == nil ? [] : [document])
        guard !list.isEmpty else { throw Failure(description: "the key set has no keys") }
        for key in list {
            guard let keyID = key["kid"]?.string, !keyID.isEmpty else {
                throw Failure(description: "every key needs a kid")
            }
            guard key["d"] == nil, key["k"] == nil else {
                throw Failure(description: "key \(keyID) is private; register only public keys")
            }
            guard keys.updateValue(try Self.key(key, keyID), forKey: keyID) == nil else {
                throw Failure(description: "kid \(keyID) is given more than once")
            }
        }
    }

    private static func key(_ key: JSONValue, _ keyID: String) throws(Failure) -> Key {
        func bytes(_ name: String) -> Data? { key[name]?.string.flatMap(Data.init(base64URLText:)) }
        switch key["kty"]?.string {
        case "RSA":
            // The initialiser refuses keys below 2048 bits.
            if let n = bytes("n"), let e = bytes("e"), let key = try? _RSA.Signing.PublicKey(n: n, e: e) {
                return .rsa(key)
            }
        case "EC" where key["crv"]?.string == "P-256":
            if let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32,
                let key = try? P256.Signing.PublicKey(x963Representation: Data([4]) + x + y)
            {
                return .p256(key)
            }
        default: break
        }
        throw Failure(description: "key \(keyID) must be RSA of at least 2048 bits, or EC on P-256")
    }

    /// Whether the key of that name made the signature; false also for an unknown key or an algorithm that does not fit it.
    func verifies(_ signature: Data, of input: Data, keyID: String, algorithm: String) -> Bool {
        switch (keys[keyID], algorithm) {
        case (.rsa(let key)?, "RS256"):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature),
                for: SHA256.hash(data: input),
                padding: .insecurePKCS1v1_5
            )
        case (.p256(let key)?, "ES256"):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: input)
        default: return false
        }
    }

    /// The JWK of a public key in PEM (SubjectPublicKeyInfo).
    ///
    /// - Throws: ``Failure`` unless it is RSA of at least 2048 bits or EC on P-256.
    static func jwk(pem: String, keyID: String) throws(Failure) -> JSONValue {
        if let key = try? P256.Signing.PublicKey(pemRepresentation: pem) {
            let point = key.x963Representation.dropFirst()
            return [
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": .string(keyID),
                "x": .string(Data(point.prefix(32)).base64URLText), "y": .string(Data(point.suffix(32)).base64URLText),
            ]
        }
        if let key = try? _RSA.Signing.PublicKey(pemRepresentation: pem), let parts = try? key.getKeyPrimitives() {
            return [
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(keyID),
                "n": .string(parts.modulus.base64URLText), "e": .string(parts.publicExponent.base64URLText),
            ]
        }
        throw Failure(
            description: "the public key must be PEM of an RSA key of at least 2048 bits or an EC key on P-256"
        )
    }
}
