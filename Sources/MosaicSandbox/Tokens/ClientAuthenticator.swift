import Foundation
import GRDB
import HTTPTypes

/// Authenticates a client by what its token request carries (contract E1; RFC 6749, section 2.3).
///
/// Both secret transports are accepted for every client: the vendor's setting is called `client_secret_basic` while all
/// its examples post the secret in the form.
struct ClientAuthenticator: Sendable {
    let store: SandboxStore

    /// The client that the form and the `Authorization` header name and prove.
    ///
    /// - Throws: ``APIError/oauth(_:_:_:headers:)``: 400 `invalid_request` for missing or doubled credentials, 401
    ///   `invalid_client` for an unknown client or a wrong secret, with `WWW-Authenticate: Basic` when Basic was used.
    func authenticate(form: FormFields, authorization: String?) async throws -> ClientRecord {
        let isBasic = authorization.map { $0.lowercased().hasPrefix("basic ") } ?? false
        let identifier: String
        let secret: String
        if isBasic, let authorization {
            guard form["client_secret"] == nil else {
                throw APIError.oauth(
                    400,
                    "invalid_request",
                    "Use either the Authorization header or client_secret, not both"
                )
            }
            guard let pair = Self.basicPair(authorization) else {
                throw Self.refusal(isBasic: true, "The Basic credentials are malformed")
            }
            guard form["client_id"] == nil || form["client_id"] == pair.0 else {
                throw APIError.oauth(400, "invalid_request", "client_id differs from the Authorization header's")
            }
            (identifier, secret) = pair
        } else {
            if form["client_assertion"] != nil || form["client_assertion_type"] != nil {
                throw Self.refusal(isBasic: false, "This client does not authenticate with an assertion")
            }
            guard let formIdentifier = form["client_id"] else {
                throw APIError.oauth(400, "invalid_request", "client_id is missing")
            }
            guard let formSecret = form["client_secret"] else {
                throw APIError.oauth(400, "invalid_request", "client_secret is missing")
            }
            (identifier, secret) = (formIdentifier, formSecret)
        }
        let client = try await store.read { db in try ClientRecord.fetchOne(db, key: identifier) }
        // Compared even for an unknown client, so that the time does not tell whether it exists.
        let isRight = ConstantTime.equal(secret, client?.secret ?? "")
        guard let client, isRight else {
            throw Self.refusal(isBasic: isBasic, "Unknown client or wrong client secret")
        }
        return client
    }

    private static func refusal(isBasic: Bool, _ description: String) -> APIError {
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
