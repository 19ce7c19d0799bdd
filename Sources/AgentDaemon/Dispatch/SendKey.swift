package import AgentProtocol
package import Crypto
package import Secrets

/// What makes two sends the same one: who sends, as which client, by which method, under which name of the caller's own.
package struct SendKey: Hashable, Sendable {
    /// The uid of the caller. Its processes share their keys, other users' never meet them.
    package let callerUID: UInt32
    /// The configured client that acts.
    package let client: String
    /// The method's name.
    package let method: String
    /// `meta.idempotency_key`.
    package let name: ByteText

    /// A key.
    package init(callerUID: UInt32, client: String, method: String, name: ByteText) {
        self.callerUID = callerUID
        self.client = client
        self.method = method
        self.name = name
    }
}

/// Tells whether two sends have the same parameters without keeping these.
package struct ParameterDigest: Hashable, Sendable {
    private let bytes: [UInt8]

    /// Digests parameters with HMAC-SHA256 (RFC 2104).
    ///
    /// - Parameters:
    ///   - parameters: their JSON text, always written in the same order.
    ///   - key: of the process, so that a digest tells nothing to who can read it.
    package init(of parameters: Secret, key: SymmetricKey) {
        var authentication = HMAC<SHA256>(key: key)
        parameters.withBytes { bytes in
            // Sound: the buffer is only read, and only inside the closure.
            unsafe bytes.withUnsafeBytes { buffer in unsafe authentication.update(data: buffer) }
        }
        bytes = Array(authentication.finalize())
    }
}
