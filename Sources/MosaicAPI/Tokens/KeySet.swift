import Crypto
import CryptoExtras
import StrictJSON

/// The public keys that tokens are checked with (RFC 7517): RSA keys for RS256, P-256 keys for ES256.
///
/// RSA comes from swift-crypto's CryptoExtras, not from jwt-kit: the daemon then links no second JSON or X.509 stack,
/// and nothing that needs more than FoundationEssentials.
struct KeySet: Sendable {
    /// One key, which decides about the algorithm: the token's header cannot choose another.
    enum Key: Sendable {
        /// For RS256: RSASSA-PKCS1-v1_5 with SHA-256.
        case rsa(_RSA.Signing.PublicKey)
        /// For ES256: ECDSA on P-256 with SHA-256.
        case p256(P256.Signing.PublicKey)
    }

    /// The keys by `kid`.
    private let keys: [[UInt8]: Key]

    /// More keys than this in one set are not looked at.
    static let maximumKeys = 64
    /// The longest modulus that is taken, in bytes; checking a signature takes time with its square.
    static let maximumModulusBytes = 1024

    /// Reads a set. Keys that are not understood are left out; a set with no key at all is still one.
    ///
    /// - Returns: `nil` when the text is no key set.
    init?(parsing body: [UInt8]) {
        guard let root = UpstreamJSON.root(of: body), let list = root["keys"]?.elements
        else {
            return nil
        }
        var keys: [[UInt8]: Key] = [:]
        for element in list.prefix(Self.maximumKeys) {
            guard let kid = element["kid"]?.utf8, keys[kid] == nil, let key = Self.key(element) else { continue }
            keys[kid] = key
        }
        self.keys = keys
    }

    /// The key of that `kid`.
    subscript(kid: [UInt8]) -> Key? { keys[kid] }

    private static func key(_ json: JSONValue) -> Key? {
        if let use = json["use"], !use.matches("sig") { return nil }
        guard let type = json["kty"] else { return nil }
        if type.matches("RSA") {
            if let algorithm = json["alg"], !algorithm.matches("RS256") { return nil }
            guard let modulus = member("n", of: json), let exponent = member("e", of: json),
                modulus.count <= maximumModulusBytes, exponent.count <= 8
            else { return nil }
            return (try? _RSA.Signing.PublicKey(n: modulus, e: exponent)).map { .rsa($0) }
        }
        if type.matches("EC"), json["crv"]?.matches("P-256") == true {
            if let algorithm = json["alg"], !algorithm.matches("ES256") { return nil }
            guard let x = member("x", of: json), let y = member("y", of: json), x.count == 32, y.count == 32 else {
                return nil
            }
            return (try? P256.Signing.PublicKey(rawRepresentation: x + y)).map { .p256($0) }
        }
        return nil
    }

    private static func member(_ name: String, of json: JSONValue) -> [UInt8]? {
        json[name]?.utf8.flatMap { Base64.decodeURL($0) }
    }
}

extension KeySet.Key {
    /// The algorithm's name in a token's header (RFC 7518, section 3.1).
    var algorithm: String {
        switch self {
        case .rsa: "RS256"
        case .p256: "ES256"
        }
    }

    /// Whether the signature is by this key.
    func hasSigned(_ input: [UInt8], signature: [UInt8]) -> Bool {
        switch self {
        case .rsa(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature),
                for: SHA256.hash(data: input),
                padding: .insecurePKCS1v1_5
            )
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: input))
        }
    }
}
