import Secrets
import StrictJSON

/// Makes the signed statements by which a client proves itself: `private_key_jwt` (RFC 7523, sections 2.2 and 3).
package struct ClientAssertion: Sendable {
    /// The value of `client_assertion_type`.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    /// How long a statement is good, in seconds. It is made anew for each request, so only clocks that differ need it.
    static let lifetime: Int64 = 60

    /// The name of the algorithm that statements are signed with.
    package var algorithm: String { key.algorithm }

    private let key: AssertionKey
    private let keyID: String
    private let audience: String
    private let wallClock: @Sendable () -> Int64

    /// - Parameters:
    ///   - key: Signs; its public half is registered with the client at Mosaic.
    ///   - keyID: The `kid` under which it is registered.
    ///   - audience: The audience of the statement: the URL of the token endpoint, byte by byte as Mosaic knows it.
    ///   - wallClock: Seconds since 1970.
    package init(
        key: AssertionKey,
        keyID: String,
        audience: String,
        wallClock: @escaping @Sendable () -> Int64 = WallClock.secondsSince1970
    ) {
        self.key = key
        self.keyID = keyID
        self.audience = audience
        self.wallClock = wallClock
    }

    /// A new statement, which only one request may carry.
    ///
    /// - Parameter clockOffset: Seconds by which the reader's clock is ahead of ours.
    func make(clientID: String, clockOffset: Int64 = 0) throws(PrivateKeyError) -> Secret {
        let header = JSONText { writer in
            writer.beginObject()
            writer.field("alg", key.algorithm)
            writer.field("typ", "JWT")
            writer.field("kid", keyID)
            writer.endObject()
        }
        let now = wallClock() + clockOffset
        let claims = JSONText { writer in
            writer.beginObject()
            writer.field("iss", clientID)
            writer.field("sub", clientID)
            writer.field("aud", audience)
            writer.field("iat", Int(now))
            writer.field("exp", Int(now + Self.lifetime))
            writer.field("jti", Self.uniqueID())
            writer.endObject()
        }
        var token = Base64.encodeURL(header.bytes) + [UInt8(ascii: ".")] + Base64.encodeURL(claims.bytes)
        let signature = try key.signature(of: token)
        token.append(UInt8(ascii: "."))
        token += Base64.encodeURL(signature)
        return Secret(consuming: &token)
    }

    /// 128 random bits, so that no two statements are the same.
    private static func uniqueID() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<16).map { _ in UInt8.random(in: 0...UInt8.max, using: &generator) }
        return String(decoding: Base64.encodeURL(bytes), as: UTF8.self)
    }
}

extension ClientAssertion {
    /// What tells one from another: the public half of the key, its ID and the audience.
    var identity: [[UInt8]] { [key.publicKey, Array(keyID.utf8), Array(audience.utf8)] }
}

extension ClientAssertion: Hashable {
    /// Whether key, its ID and audience are the same.
    package static func == (left: ClientAssertion, right: ClientAssertion) -> Bool {
        left.key == right.key && left.keyID == right.keyID && left.audience == right.audience
    }

    /// Feeds key, its ID and audience to `hasher`.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(keyID)
        hasher.combine(audience)
    }
}
