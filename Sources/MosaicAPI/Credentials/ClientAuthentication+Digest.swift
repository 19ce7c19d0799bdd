import Crypto
import Secrets

extension ClientAuthentication {
    /// Stands for everything that an access token is fetched with: SHA-256 over the method, the credential, the client, the
    /// token endpoint and the resource.
    ///
    /// Two digests agree only if a token fetched with the one would be good for the other. Each part has its length in
    /// front, so that none can run into the next.
    package func digest(clientID: String, tokenURL: ServiceURL, resource: String?) -> [UInt8] {
        var hash = SHA256()
        func add(_ bytes: [UInt8]) {
            hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) })
            hash.update(data: bytes)
        }
        add(Array(name.utf8))
        switch self {
        case .clientSecretPost(let secret), .clientSecretBasic(let secret):
            var bytes = secret.withBytes { span in span.indices.map { span[$0] } }
            add(bytes)
            bytes.wipe()
        case .privateKeyJWT(let assertion):
            for part in assertion.identity { add(part) }
        case .tlsClientAuth(let certificate), .selfSignedTLSClientAuth(let certificate):
            for der in certificate.chain.encodings { add(der) }
        }
        add(Array(clientID.utf8))
        add(Array(tokenURL.description.utf8))
        add(Array((resource ?? "").utf8))
        return Array(hash.finalize())
    }
}
