import Foundation
import GRDB

/// A client's signed assertion of who it is (RFC 7523, section 3; `private_key_jwt`).
///
/// Callers sign by the machine's clock, or by the sandbox's movable one if they follow the `Date` of its answers, or by what that said
/// a while ago. So an assertion is good if there is a moment from one clock to the other at which it is.
struct ClientAssertion: Sendable {
    /// The value of `client_assertion_type`.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    /// How far the two clocks may differ, in seconds.
    static let leeway: Int64 = 30

    /// Why an assertion was refused.
    struct Failure: Error, Equatable {
        let description: String
    }

    private let header: JSONValue
    private let claims: JSONValue
    private let input: Data
    private let signature: Data

    /// Splits the compact form; nothing is checked yet.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = Data(base64URLText: parts[0]).flatMap({ try? JSONValue(text: $0) }),
            let claims = Data(base64URLText: parts[1]).flatMap({ try? JSONValue(text: $0) }),
            let signature = Data(base64URLText: parts[2]), claims.members != nil
        else { throw Failure(description: "The assertion is not a JWT") }
        self.header = header
        self.claims = claims
        self.signature = signature
        input = Data("\(parts[0]).\(parts[1])".utf8)
    }

    /// Who the assertion says it is from; unproved.
    var issuer: String? { claims["iss"]?.string }

    /// Checks signature and claims.
    ///
    /// - Parameters:
    ///   - audiences: the addresses of which the assertion must name one, exactly.
    ///   - present: the moments that count as now.
    /// - Returns: the `jti` and when the assertion expires, for ``UsedAssertionRecord``.
    func check(
        clientID: String,
        keys: PublicKeySet,
        audiences: [String],
        present: ClosedRange<Date>
    ) throws(Failure) -> (tokenID: String, expiresAt: Date) {
        guard let algorithm = header["alg"]?.string, ["RS256", "ES256"].contains(algorithm) else {
            throw Failure(description: "The assertion's alg must be RS256 or ES256")
        }
        guard let keyID = header["kid"]?.string else { throw Failure(description: "The assertion has no kid") }
        guard keys.verifies(signature, of: input, keyID: keyID, algorithm: algorithm) else {
            throw Failure(description: "The assertion's signature does not verify with a registered key")
        }
        guard claims["iss"]?.string == clientID, claims["sub"]?.string == clientID else {
            throw Failure(description: "The assertion's iss and sub must be the client ID")
        }
        let named = claims["aud"]?.elements?.compactMap(\.string) ?? [claims["aud"]?.string].compactMap { $0 }
        guard named.contains(where: audiences.contains) else {
            throw Failure(description: "The assertion's aud must be \(audiences.joined(separator: " or "))")
        }
        let expiry = try checkTimes(present)
        guard let tokenID = claims["jti"]?.string, !tokenID.isEmpty, tokenID.utf8.count <= 256, tokenID.isStorable
        else {
            throw Failure(description: "The assertion needs a jti of at most 256 bytes")
        }
        return (tokenID, expiry)
    }

    private func checkTimes(_ present: ClosedRange<Date>) throws(Failure) -> Date {
        let earliest = present.lowerBound.epochSeconds
        let latest = present.upperBound.epochSeconds
        guard let expiry = claims["exp"]?.number, expiry.isFinite else {
            throw Failure(description: "The assertion needs exp")
        }
        guard Double(earliest - Self.leeway) < expiry else { throw Failure(description: "The assertion expired") }
        guard let issued = claims["iat"]?.number, issued <= Double(latest + Self.leeway), issued <= expiry else {
            throw Failure(description: "The assertion needs iat, not later than now or exp")
        }
        if let start = claims["nbf"]?.number, start > Double(latest + Self.leeway) {
            throw Failure(description: "The assertion is not valid yet")
        }
        return Date(timeIntervalSince1970: expiry + Double(Self.leeway))
    }
}

extension Database {
    /// Notes that an assertion was used; false when it was used before.
    func useAssertion(_ tokenID: String, clientID: String, expiresAt: Date) throws -> Bool {
        let present = try UsedAssertionRecord.fetchOne(self, key: ["clientID": clientID, "tokenID": tokenID])
        guard present == nil else { return false }
        try UsedAssertionRecord(clientID: clientID, tokenID: tokenID, expiresAt: expiresAt).insert(self)
        return true
    }
}
