import Crypto
import CryptoExtras
import Foundation
import NIOCore
import NIOSSL
import SwiftASN1
import X509

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

/// Certificates in PEM text, as they are registered.
enum PEMCertificates {
    /// Why a text was not accepted.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// All certificates of the text, at least one.
    static func read(_ text: String) throws(Failure) -> [Certificate] {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: text)
            let certificates = try documents.map(Certificate.init(pemDocument:))
            if !certificates.isEmpty { return certificates }
        } catch {
            throw Failure(description: "not certificates in PEM: \(error)")
        }
        throw Failure(description: "no certificate in PEM")
    }

    /// The certificate in DER, base64.
    static func base64(_ certificate: Certificate) throws -> String {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return Data(serializer.serializedBytes).base64EncodedString()
    }
}

/// The certificate that a caller showed on its TLS connection; the handshake proved that it holds the key.
///
/// The listener accepts any certificate, since which ones are good depends on the client that the request names. Validity is
/// measured with the system's clock, as the handshake itself is.
struct PeerCertificate: Sendable, Equatable {
    /// The certificate in DER.
    let bytes: [UInt8]

    /// The `x5t#S256` of the certificate (RFC 8705, section 3.1).
    var thumbprint: String { Data(SHA256.hash(data: bytes)).base64URLText }

    /// Whether it is one of these certificates in DER and within its time.
    func isOne(of registered: [[UInt8]]) -> Bool {
        guard registered.contains(bytes), let certificate = try? Certificate(derEncoded: bytes) else { return false }
        let now = Date()
        return certificate.notValidBefore <= now && now <= certificate.notValidAfter
    }

    /// Whether one of the authorities vouches for it and it has that subject.
    func isIssued(by authorities: [Certificate], subject: String) async -> Bool {
        guard let leaf = try? Certificate(derEncoded: bytes),
            SubjectName.normalized(leaf.subject.description) == SubjectName.normalized(subject)
        else { return false }
        var verifier = Verifier(rootCertificates: CertificateStore(authorities)) { RFC5280Policy() }
        let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore())
        return if case .validCertificate = result { true } else { false }
    }
}

/// Subject names as text (RFC 4514).
enum SubjectName {
    /// The name without spaces around the separators, attribute types in upper case: what names are compared by.
    static func normalized(_ name: String) -> String {
        var parts: [String] = [""]
        var isEscaped = false
        for character in name {
            if character == "," && !isEscaped {
                parts.append("")
            } else {
                parts[parts.endIndex - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts.map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return part.trimmingCharacters(in: .whitespaces) }
            let type = pair[0].trimmingCharacters(in: .whitespaces).uppercased()
            return "\(type)=\(pair[1].trimmingCharacters(in: .whitespaces))"
        }.joined(separator: ",")
    }
}

/// Where a request's certificate can be read, for those who want to know.
struct PeerCertificateSource: Sendable {
    /// The request's connection; nil when it is not TLS.
    let channel: (any Channel)?

    /// The caller's certificate; nil when it showed none.
    var certificate: PeerCertificate? {
        get async throws {
            guard let certificate = try await channel?.nioSSL_peerCertificate().get() else { return nil }
            return PeerCertificate(bytes: try certificate.toDERBytes())
        }
    }
}
