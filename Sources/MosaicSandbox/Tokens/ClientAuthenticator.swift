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
