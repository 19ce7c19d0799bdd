import Foundation
import GRDB
import HTTPTypes
import X509

/// A client that proved who it is.
struct AuthenticatedClient: Sendable {
    let client: ClientRecord
    /// The thumbprint of the certificate that its tokens are to be bound to.
    let boundThumbprint: String?
}

/// Authenticates a client by what its request carries (contract E1; RFC 6749, section 2.3).
///
/// A client uses the one method that is registered for it. Both secret transports count as one: the vendor's setting is called
/// `client_secret_basic` while all its examples post the secret in the form.
struct ClientAuthenticator: Sendable {
    let store: SandboxStore
    let clock: SandboxClock

    /// What a request offers as proof.
    private enum Proof {
        case secret(String, isBasic: Bool)
        case assertion(ClientAssertion)
        /// Nothing within the request: the certificate of the connection, if any.
        case certificate
    }

    /// The client that the call names and proves.
    ///
    /// - Throws: ``APIError/oauth(_:_:_:headers:)``: 400 `invalid_request` for missing or doubled credentials, 401
    ///   `invalid_client` for an unknown client, a wrong proof or another method than the client's, with
    ///   `WWW-Authenticate: Basic` when Basic was used.
    func authenticate(_ call: EndpointCall, _ form: FormFields) async throws -> AuthenticatedClient {
        let (clientID, proof) = try Self.proof(form, authorization: call.headers[.authorization])
        let (client, registered) = try await store.read { db in
            (try ClientRecord.named(clientID, db), try ClientAuthenticationRecord.of(clientID, db))
        }
        switch proof {
        case .secret(let secret, let isBasic):
            // Compared even for an unknown client, so that the time does not tell whether it exists.
            let isRight = ConstantTime.equal(secret, client?.secret ?? "")
            guard let client, isRight else {
                throw Self.refusal(isBasic: isBasic, "Unknown client or wrong client secret")
            }
            try Self.expect(.clientSecret, registered, isBasic: isBasic)
            return try await bound(client, registered, call)
        case .assertion(let assertion):
            guard let client else { throw Self.refusal("Unknown client") }
            try Self.expect(.privateKeyJWT, registered)
            try await check(assertion, client, registered, call)
            return try await bound(client, registered, call)
        case .certificate:
            guard let client else {
                throw APIError.oauth(400, "invalid_request", "client_secret is missing")
            }
            try await check(registered, call)
            return try await bound(client, registered, call)
        }
    }

    /// Whether the client authenticates with that secret, for the one endpoint that takes it in JSON (E16).
    func secretClient(_ clientID: String, secret: String) async throws -> ClientRecord? {
        let (client, registered) = try await store.read { db in
            (try ClientRecord.named(clientID, db), try ClientAuthenticationRecord.of(clientID, db))
        }
        let isRight = ConstantTime.equal(secret, client?.secret ?? "")
        return isRight && registered.method == .clientSecret ? client : nil
    }

    private static func proof(_ form: FormFields, authorization: String?) throws -> (String, Proof) {
        let hasAssertion = form["client_assertion"] != nil || form["client_assertion_type"] != nil
        if let authorization, authorization.lowercased().hasPrefix("basic ") {
            guard form["client_secret"] == nil, !hasAssertion else {
                throw APIError.oauth(400, "invalid_request", "Use the Authorization header or the form, not both")
            }
            guard let pair = basicPair(authorization) else {
                throw refusal(isBasic: true, "The Basic credentials are malformed")
            }
            guard form["client_id"] == nil || form["client_id"] == pair.0 else {
                throw APIError.oauth(400, "invalid_request", "client_id differs from the Authorization header's")
            }
            return (pair.0, .secret(pair.1, isBasic: true))
        }
        if hasAssertion {
            guard form["client_secret"] == nil else {
                throw APIError.oauth(400, "invalid_request", "Use either client_assertion or client_secret, not both")
            }
            return try assertion(form)
        }
        guard let clientID = form["client_id"] else {
            throw APIError.oauth(400, "invalid_request", "client_id is missing")
        }
        return (clientID, form["client_secret"].map { .secret($0, isBasic: false) } ?? .certificate)
    }

    private static func assertion(_ form: FormFields) throws -> (String, Proof) {
        guard let text = form["client_assertion"], form["client_assertion_type"] == ClientAssertion.type else {
            throw refusal("client_assertion must come with client_assertion_type \(ClientAssertion.type)")
        }
        do throws(ClientAssertion.Failure) {
            let assertion = try ClientAssertion(text)
            guard let clientID = form["client_id"] ?? assertion.issuer else {
                throw ClientAssertion.Failure(description: "The assertion has no iss")
            }
            return (clientID, .assertion(assertion))
        } catch {
            throw refusal(error.description)
        }
    }

    private func check(
        _ assertion: ClientAssertion,
        _ client: ClientRecord,
        _ registered: ClientAuthenticationRecord,
        _ call: EndpointCall
    ) async throws {
        do {
            let keys = try PublicKeySet(.object(registered.keySet ?? [:]))
            let used = try assertion.check(
                clientID: client.clientID,
                keys: keys,
                audiences: audiences(of: call),
                present: min(clock.now, clock.outside)...max(clock.now, clock.outside)
            )
            let isNew = try await store.write { db in
                try db.useAssertion(used.tokenID, clientID: client.clientID, expiresAt: used.expiresAt)
            }
            guard isNew else { throw Self.refusal("The assertion's jti was used before") }
        } catch let failure as ClientAssertion.Failure {
            throw Self.refusal(failure.description)
        } catch let failure as PublicKeySet.Failure {
            throw Self.refusal(failure.description)
        }
    }

    /// At the token endpoint the address that was called; elsewhere an address of the token endpoint does as well.
    private func audiences(of call: EndpointCall) -> [String] {
        call.endpoint == .token ? [call.url] : [call.url] + Endpoint.token.paths.map { call.origin + $0 }
    }

    /// Checks the connection's certificate against what is registered.
    private func check(_ registered: ClientAuthenticationRecord, _ call: EndpointCall) async throws {
        let certificate = try await call.certificateSource.certificate
        switch registered.method {
        case .clientSecret: throw APIError.oauth(400, "invalid_request", "client_secret is missing")
        case .privateKeyJWT: throw APIError.oauth(400, "invalid_request", "client_assertion is missing")
        case .tlsClientAuth:
            let authorities = (try? PEMCertificates.read(registered.authorities ?? "")) ?? []
            guard let certificate, let subject = registered.subject,
                await certificate.isIssued(by: authorities, subject: subject)
            else {
                throw Self.refusal("The TLS certificate is missing, not from the registered CA or not the subject's")
            }
        case .selfSignedTLSClientAuth:
            let certificates = registered.certificates.compactMap { Data(base64Encoded: $0).map { [UInt8]($0) } }
            guard let certificate, certificate.isOne(of: certificates) else {
                throw Self.refusal("The TLS certificate is missing or not registered")
            }
        }
    }

    private func bound(
        _ client: ClientRecord,
        _ registered: ClientAuthenticationRecord,
        _ call: EndpointCall
    ) async throws -> AuthenticatedClient {
        guard registered.isCertificateBound else { return AuthenticatedClient(client: client, boundThumbprint: nil) }
        guard let certificate = try await call.certificateSource.certificate else {
            throw APIError.oauth(
                400,
                "invalid_request",
                "Tokens of this client are bound to a TLS certificate; show one"
            )
        }
        return AuthenticatedClient(client: client, boundThumbprint: certificate.thumbprint)
    }

    private static func expect(
        _ method: ClientAuthenticationMethod,
        _ registered: ClientAuthenticationRecord,
        isBasic: Bool = false
    ) throws {
        guard registered.method == method else {
            throw refusal(isBasic: isBasic, "This client authenticates with \(registered.method.rawValue)")
        }
    }

    private static func refusal(isBasic: Bool = false, _ description: String) -> APIError {
        var headers = HTTPFields()
        if isBasic { headers[.wwwAuthenticate] = "Basic realm=\"mosaic-sandbox\"" }
        return APIError.oauth(401, "invalid_client", description, headers: headers)
    }

    /// The pair in a Basic header, each half form-decoded as RFC 6749 has it.
    private static func basicPair(_ authorization: String) -> (String, String)? {
        let encoded = authorization.dropFirst("basic ".count).trimmingCharacters(in: .whitespaces)
        guard let data = Data(base64Encoded: encoded), let text = String(validating: data, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let identifier = FormFields.decode(parts[0]), let secret = FormFields.decode(parts[1]),
            !identifier.isEmpty
        else { return nil }
        return (identifier, secret)
    }
}

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
