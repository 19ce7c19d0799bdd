import CryptoExtras
import Foundation
import GRDB
import JWTKit

/// The sandbox's token keys: RS256, kept in the database so that tokens outlive a restart when it does.
///
/// Signing and checking run on the caller's task, so that parallel logins use all cores.
struct SigningKeys: Sendable {
    /// The key set document (E2).
    let document: JSONValue
    private let algorithms: [String: any JWTAlgorithm]
    private let signingKeyID: String
    private let signingAlgorithm: any JWTAlgorithm

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
        var algorithms: [String: any JWTAlgorithm] = [:]
        var published: [JSONValue] = []
        var newest = records[0]
        for record in records {
            let key = try JWTKit.Insecure.RSA.PrivateKey(pem: record.pem)
            let identifier = JWKIdentifier(string: record.keyID)
            await collection.add(rsa: key, digestAlgorithm: .sha256, kid: identifier)
            algorithms[record.keyID] = try await collection.getKey(for: identifier)
            let primitives = try key.publicKey.getKeyPrimitives()
            published.append([
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(record.keyID),
                "n": .string(primitives.modulus.base64URLText),
                "e": .string(primitives.publicExponent.base64URLText),
            ])
            if record.status == "signing" { newest = record }
        }
        document = ["keys": .array(published)]
        signingKeyID = newest.keyID
        signingAlgorithm = try await collection.getKey(for: JWKIdentifier(string: newest.keyID))
        self.algorithms = algorithms
    }

    /// The compact form (RFC 7515) of a token with those claims.
    func sign(_ claims: TokenClaims) throws -> String {
        let header: JSONValue = ["alg": "RS256", "typ": "JWT", "kid": .string(signingKeyID)]
        let input = "\(header.text.base64URLText).\(JSONValue.object(claims.values).text.base64URLText)"
        let signature = try signingAlgorithm.sign(Data(input.utf8))
        return "\(input).\(Data(signature).base64URLText)"
    }

    /// The claims of a token whose signature one of the keys made; nil for any other text.
    func claims(of token: String) -> TokenClaims? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        // Only RS256 under a key we know by name: nothing else was ever issued.
        guard parts.count == 3, let header = Data(base64URLText: parts[0]).flatMap({ try? JSONValue(text: $0) }),
            header["alg"]?.string == "RS256", let algorithm = header["kid"]?.string.flatMap({ algorithms[$0] }),
            let signature = Data(base64URLText: parts[2]),
            (try? algorithm.verify(signature, signs: Data("\(parts[0]).\(parts[1])".utf8))) == true
        else { return nil }
        return Data(base64URLText: parts[1]).flatMap { try? JSONValue(text: $0) }?.members.map(TokenClaims.init)
    }
}
