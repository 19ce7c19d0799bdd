import CryptoExtras
import Foundation
import GRDB
import JWTKit

/// The sandbox's token keys: RS256, kept in the database so that tokens outlive a restart when it does.
struct SigningKeys: Sendable {
    /// The key set document (E2).
    let document: JSONValue
    private let keys: JWTKeyCollection
    private let signingKeyID: JWKIdentifier

    /// Loads the keys, making a first one when there is none.
    ///
    /// - Parameter given: PEM of the key to start with instead of a new one.
    init(store: SandboxStore, given: String?, now: Date) async throws {
        var records = try await store.read { db in
            try SigningKeyRecord.filter(Column("status") != "disabled").order(Column("createdAt")).fetchAll(db)
        }
        if !records.contains(where: { $0.status == "signing" }) {
            let pem = try given ?? _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation
            let record = SigningKeyRecord(
                keyID: RandomText.identifier(length: 16),
                pem: pem,
                createdAt: now,
                status: "signing"
            )
            try await store.write { db in try record.insert(db) }
            records.append(record)
        }
        let collection = JWTKeyCollection()
        var published: [JSONValue] = []
        var newest = records[0]
        for record in records {
            let key = try JWTKit.Insecure.RSA.PrivateKey(pem: record.pem)
            await collection.add(rsa: key, digestAlgorithm: .sha256, kid: JWKIdentifier(string: record.keyID))
            let primitives = try key.publicKey.getKeyPrimitives()
            published.append([
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(record.keyID),
                "n": .string(primitives.modulus.base64URLText),
                "e": .string(primitives.publicExponent.base64URLText),
            ])
            if record.status == "signing" { newest = record }
        }
        document = ["keys": .array(published)]
        keys = collection
        signingKeyID = JWKIdentifier(string: newest.keyID)
    }

    /// The compact form of a token with those claims.
    func sign(_ claims: TokenClaims) async throws -> String {
        try await keys.sign(claims, kid: signingKeyID)
    }

    /// The claims of a token whose signature one of the keys made; nil for any other text.
    func claims(of token: String) async -> TokenClaims? {
        // Only RS256 under a key we know by name: nothing else was ever issued.
        guard let header = Self.header(of: token), header["alg"]?.string == "RS256", header["kid"]?.string != nil else {
            return nil
        }
        return try? await keys.verify(token, as: TokenClaims.self)
    }

    private static func header(of token: String) -> JSONValue? {
        guard let part = token.split(separator: ".", omittingEmptySubsequences: false).first else { return nil }
        var base64 = String(part).replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        return Data(base64Encoded: base64).flatMap { try? JSONValue(text: $0) }
    }
}
