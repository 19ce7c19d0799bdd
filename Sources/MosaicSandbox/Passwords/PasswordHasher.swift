import Crypto
import CryptoExtras
import Foundation
import NIOPosix

/// Hashes passwords with scrypt (RFC 7914), which needs much memory for every guess.
///
/// The work runs on NIO's blocking pool, which has as many threads as the machine has cores: never on an event loop, and never
/// more hashes at once than cores. A hash names its own cost (`$scrypt$ln=14,r=8,p=1,v=2$salt$key`), so the cost may change.
///
/// scrypt keys an HMAC with the password, and HMAC takes a key with NULs at its end for the key without them. So what goes in is
/// the password's SHA-256, of fixed length (`v=2`). Hashes of older databases have no `v`; no password with a NUL fits them.
package struct PasswordHasher: Sendable {
    /// The cost of new hashes.
    package struct Cost: Sendable, Equatable {
        /// log2 of the number of rounds; memory is 1 KiB × 2^ln at r = 8.
        package var logarithmicRounds: Int

        /// 2^14 rounds, r = 8, p = 1: 16 MiB per hash.
        package static let standard = Cost(logarithmicRounds: 14)

        package init(logarithmicRounds: Int) { self.logarithmicRounds = logarithmicRounds }
    }

    private static let blockSize = 8
    private static let keyLength = 32

    /// The cost of new hashes.
    package let cost: Cost
    /// A hash of nothing anyone knows, so that a login of an unknown user takes as long as any other.
    private let decoy: String

    package init(cost: Cost = .standard) {
        self.cost = cost
        self.decoy = Self.encode(
            cost,
            salt: Data(RandomText.base64URL(byteCount: 16).utf8),
            key: Data(repeating: 0, count: Self.keyLength)
        )
    }

    /// The hash of a password, with a fresh salt.
    package func hash(_ password: String) async throws -> String {
        let cost = cost
        let salt = Data(RandomText.base64URL(byteCount: 16).utf8)
        return try await NIOThreadPool.singleton.runIfActive {
            Self.encode(cost, salt: salt, key: try Self.derive(Self.passphrase(password), salt: salt, cost: cost))
        }
    }

    /// Whether the password has that hash; with nil the same work is done and the answer is false.
    package func verify(_ password: String, against hash: String?) async throws -> Bool {
        let stored = hash ?? decoy
        let matches = try await NIOThreadPool.singleton.runIfActive {
            guard let (cost, isDigested, salt, key) = Self.decode(stored) else { return false }
            // The library cannot take an empty passphrase; the leading byte made it one byte at least.
            let passphrase = isDigested ? Self.passphrase(password) : [0] + Array(password.utf8)
            let candidate = try Self.derive(passphrase, salt: salt, cost: cost)
            return ConstantTime.equal(candidate, key) && (isDigested || password.isStorable)
        }
        return matches && hash != nil
    }

    /// Whether the password has any of those hashes.
    package func verify(_ password: String, againstAny hashes: [String]) async throws -> Bool {
        var found = false
        for hash in hashes where try await verify(password, against: hash) { found = true }
        return found
    }

    private static func passphrase(_ password: String) -> [UInt8] {
        Array(SHA256.hash(data: Data(password.utf8)))
    }

    private static func derive(_ passphrase: [UInt8], salt: Data, cost: Cost) throws -> Data {
        let key = try KDF.Scrypt.deriveKey(
            from: passphrase,
            salt: salt,
            outputByteCount: keyLength,
            rounds: 1 << cost.logarithmicRounds,
            blockSize: blockSize,
            parallelism: 1
        )
        return unsafe key.withUnsafeBytes { unsafe Data($0) }
    }

    private static func encode(_ cost: Cost, salt: Data, key: Data) -> String {
        "$scrypt$ln=\(cost.logarithmicRounds),r=\(blockSize),p=1,v=2$\(salt.base64EncodedString())$\(key.base64EncodedString())"
    }

    private static func decode(_ text: String) -> (Cost, isDigested: Bool, salt: Data, key: Data)? {
        let parts = text.split(separator: "$")
        guard parts.count == 4, parts[0] == "scrypt", parts[1].hasPrefix("ln="), parts[1].contains(",r=8,p=1"),
            let rounds = Int(parts[1].dropFirst(3).prefix { $0 != "," }), (1...24).contains(rounds),
            let salt = Data(base64Encoded: String(parts[2])), let key = Data(base64Encoded: String(parts[3]))
        else { return nil }
        return (Cost(logarithmicRounds: rounds), parts[1].hasSuffix(",v=2"), salt, key)
    }
}

/// Comparisons whose time does not depend on where two values differ.
enum ConstantTime {
    /// Whether both have the same bytes.
    static func equal(_ left: Data, _ right: Data) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Whether both texts have the same bytes; compares digests, so the length does not show either.
    static func equal(_ left: String, _ right: String) -> Bool {
        equal(Data(SHA256.hash(data: Data(left.utf8))), Data(SHA256.hash(data: Data(right.utf8))))
    }
}
