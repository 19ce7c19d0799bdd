import Secrets
import StrictJSON
import Synchronization

extension MosaicClient {
    /// Checks a token against the issuer's keys, which are kept; Mosaic is not asked about the token.
    ///
    /// - Throws: ``APIFailure`` with outcome `notSent` when there are no keys, or no own token that says which tenant the
    ///   client belongs to.
    package func verify(
        _ verification: TokenVerification,
        call: UpstreamCall
    ) async throws(APIFailure) -> TokenVerdict {
        let token: CompactToken
        do throws(CompactToken.Problem) {
            token = try CompactToken(verification.token)
        } catch {
            return .invalid(error == .encrypted ? .encrypted : .malformed)
        }
        // An extension that is not understood must not be ignored (RFC 7515, section 4.1.11).
        guard let algorithm = token.header["alg"], algorithm.matches("RS256") || algorithm.matches("ES256"),
            token.header["crit"] == nil
        else { return .invalid(.algorithm) }
        guard let kid = token.header["kid"]?.utf8 else { return .invalid(.unknownKey) }

        let tenant = try await ownTenant(deadline: call.deadline)
        let fetch: TrustSource.Fetch = { await self.fetchTrust(call: $0) }
        var entry = try await trust.anchors(deadline: call.deadline, fetch: fetch)
        var flaw = Self.signatureFlaw(of: token, kid: kid, entry.anchors.keys)
        if flaw == .unknownKey || flaw == .signature,
            let newer = try await trust.anchors(newerThan: entry, deadline: call.deadline, fetch: fetch)
        {
            entry = newer
            flaw = Self.signatureFlaw(of: token, kid: kid, entry.anchors.keys)
        }
        if let flaw { return .invalid(flaw) }
        let checks = TokenChecks(
            use: verification.use,
            resource: verification.resource,
            issuer: entry.anchors.issuer,
            tenant: tenant,
            clientID: configuration.clientID,
            now: wallClock
        )
        return checks.flaw(in: token.claims).map { .invalid($0) } ?? .valid(claims: token.claims.rawText)
    }

    private static func signatureFlaw(of token: CompactToken, kid: [UInt8], _ keys: KeySet) -> TokenFlaw? {
        guard let key = keys[kid] else { return .unknownKey }
        guard token.header["alg"]?.matches(key.algorithm) == true else { return .algorithm }
        return key.hasSigned(token.signingInput, signature: token.signature) ? nil : .signature
    }

    /// The `tid` of the client's own access token, which came over TLS; `nil` when it has none.
    ///
    /// Remembered from the first token on: a client never changes its tenant.
    private func ownTenant(deadline: ContinuousClock.Instant) async throws(APIFailure) -> String? {
        if let known = tenant.withLock({ $0 }) { return known.id }
        let token = try await tokens.token(deadline: deadline)
        let id = UnverifiedToken.payload(of: token.value)?["tid"]?.string
        tenant.withLock { $0 = OwnTenant(id: id) }
        return id
    }

    /// What is known of the client's own tenant.
    struct OwnTenant: Sendable {
        let id: String?
    }
}
