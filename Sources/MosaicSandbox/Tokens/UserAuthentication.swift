import Foundation
import GRDB

/// What E17, E19 and E21 have in common: a factor was proved, a session is joined or begun, tokens are made.
struct UserAuthentication: Sendable {
    /// The members that all of them take.
    struct Fields: Sendable {
        /// The session to join.
        var sessionID: String?
        var tokens: UserTokenRequest

        init(_ fields: inout RequestFields) {
            sessionID = fields.string("session_id")
            tokens = UserTokenRequest(
                resource: fields.string("resource"),
                organizationID: fields.string("org_id"),
                claims: fields.claims("claims")
            )
            fields.skipClientAttributes()
        }
    }

    /// How an endpoint words what is wrong with a call; the shapes differ.
    struct Refusals: Sendable {
        var invalid: @Sendable (String) -> APIError
        var sessionNotFound: APIError

        /// Shape D, `system_invalid_input`.
        static let symbolic = Self(
            invalid: { APIError.symbolic(400, .systemInvalidInput, $0) },
            sessionNotFound: .symbolic(400, .systemInvalidInput, "Session not found")
        )
        /// Shape C.
        static let digits = Self(
            invalid: { APIError.digits(400, $0) },
            sessionNotFound: .digits(400, "Session not found")
        )
    }

    let services: SandboxServices
    let caller: AuthorizedClient
    let fields: Fields
    let refusals: Refusals
    /// The session to join, alive when the call began.
    let joined: SessionRecord?

    /// Checks what can be checked before a try is spent: a dead session and a foreign resource are mistakes of the caller.
    init(
        services: SandboxServices,
        caller: AuthorizedClient,
        fields: Fields,
        refusals: Refusals
    ) async throws {
        if let resource = fields.tokens.resource, !caller.client.resources.contains(resource) {
            throw refusals.invalid("resource is not configured for this client")
        }
        var joined: SessionRecord?
        if let sessionID = fields.sessionID {
            let now = services.clock.now
            joined = try await services.store.read { db in try SessionRecord.fetchOne(db, key: sessionID) }
            guard let joined, joined.isBackend, now < joined.expiresAt else { throw refusals.sessionNotFound }
        }
        self.services = services
        self.caller = caller
        self.fields = fields
        self.refusals = refusals
        self.joined = joined
    }

    /// The tokens of a user who proved a factor.
    ///
    /// - Parameters:
    ///   - method: the factor's `amr` value.
    ///   - approvalData: what the code was sent with; becomes a claim of the ID token.
    func complete(_ user: AppUser, method: String, approvalData: JSONValue? = nil) async throws -> Reply {
        if let joined, joined.userID != user.user.userID { throw refusals.sessionNotFound }
        let session = try await SessionStore(store: services.store, clock: services.clock)
            .authenticated(user.user.userID, method: method, joining: joined, client: caller.client)
        var request = fields.tokens
        request.approvalData = approvalData
        return try await services.issuer.userTokens(
            user: user,
            session: session,
            app: caller.app,
            client: caller.client,
            request: request
        )
    }
}

extension RequestFields {
    /// Checks `client_attributes`, which describe the end user's client and change nothing here.
    mutating func skipClientAttributes() {
        guard var attributes = object("client_attributes") else { return }
        _ = attributes.string("user_agent")
        _ = attributes.string("ip_address")
        absorb(attributes)
    }

    /// Checks `device_id`, which changes nothing here.
    mutating func skipDeviceID() { _ = string("device_id", maximum: 80) }
}
