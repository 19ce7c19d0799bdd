import Crypto
import Foundation
import GRDB

/// A code that a browser brings to a redirect URI and that E1 or E16 turns into tokens, known by its digest.
struct AuthorizationCodeRecord: Sendable, Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "authorizationCode"
    /// Seconds a code works; the contract states none, OAuth recommends at most ten minutes.
    static let lifetime = 300.0

    var digest: String
    var clientID: String
    var userID: String
    var redirectURI: String
    /// The factors proved, as `amr` values.
    var methods: [String]
    /// PKCE (RFC 7636): nil when the code was asked for without.
    var challenge: String?
    var challengeMethod: ChallengeMethod?
    var grant: RefreshTokenRecord.Grant
    var authenticatedAt: Date
    var expiresAt: Date
    var usedAt: Date?
    /// The session that its use began, so that a second use can end it.
    var sessionID: String?

    /// How the verifier relates to the challenge.
    enum ChallengeMethod: String, Sendable, Codable, CaseIterable {
        case plain
        case sha256 = "S256"
    }

    /// Whether the verifier is the one that the code was asked for with.
    ///
    /// A verifier for a code without challenge is refused too: an attacker may have taken the challenge out (RFC 9700, section 2.1.1).
    func accepts(verifier: String?) -> Bool {
        guard let challenge, let challengeMethod else { return verifier == nil }
        guard let verifier else { return false }
        return switch challengeMethod {
        case .plain: ConstantTime.equal(verifier, challenge)
        case .sha256: ConstantTime.equal(Data(SHA256.hash(data: Data(verifier.utf8))).base64URLText, challenge)
        }
    }
}
