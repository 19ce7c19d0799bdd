import Crypto
package import Logging
import Secrets
import StrictJSON
import Synchronization

/// One configured client of the Mosaic API: its token source, its transport and the rules around every call.
///
/// A call passes, in this order: the token source, the rate-limit gate, the circuit breaker, the transport. What comes
/// back passes the rule for 401 answers and the endpoint's own classification.
package final class MosaicClient: MosaicService {
    /// The client's name in the configuration.
    package let name: String

    let configuration: MosaicClientConfiguration
    let endpoints: MosaicEndpoints
    let tokens: ClientTokenSource
    let resources: ResourceTokenSources
    let refreshes: SingleFlight<RefreshKey, UserTokens>
    let trust: TrustSource
    let tenant = Mutex<OwnTenant?>(nil)
    let knownApplication = Mutex<KnownApplication?>(nil)
    let background: BackgroundWork
    let transport: any HTTPTransport
    let traffic: UpstreamGuard
    let clock: any AgentClock
    let serverClock: ServerClock
    let random: @Sendable () -> Double
    let observer: (any UpstreamObserver)?
    let logger: Logger

    /// How long one try of a token fetch may take.
    static let fetchTimeout = Duration.seconds(10)

    /// A client that has not fetched anything yet; ``run()`` sets it going.
    ///
    /// - Parameters:
    ///   - configuration: Who the client is and where its services are.
    ///   - transport: The way to them. The client shuts it down in ``shutdown()``.
    ///   - token: An access token that was fetched before with the same credential, to begin with.
    ///   - clock: Measures deadlines, ages and waits.
    ///   - wallClock: Seconds since 1970, for `Retry-After` in the form of a date.
    ///   - random: Numbers from 0 up to 1, for jitter.
    ///   - onToken: Is told of every access token that is fetched.
    ///   - observer: Is told how requests to Mosaic end.
    ///   - logger: Gets constant messages at debug level, with metadata free of secrets.
    package init(
        _ configuration: MosaicClientConfiguration,
        transport: any HTTPTransport,
        token: ClientToken? = nil,
        clock: any AgentClock = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Int64 = WallClock.secondsSince1970,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        onToken: @escaping @Sendable (ClientToken) -> Void = { _ in },
        observer: (any UpstreamObserver)? = nil,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "mosaic_client"] = "\(configuration.name)"
        name = configuration.name
        endpoints = configuration.endpoints
        self.transport = transport
        traffic = UpstreamGuard()
        self.clock = clock
        let serverClock = ServerClock(local: wallClock)
        self.serverClock = serverClock
        self.random = random
        self.observer = observer
        self.logger = logger
        self.configuration = configuration
        let background = BackgroundWork()
        self.background = background
        refreshes = SingleFlight(clock: clock, background: background, timeLimit: Self.refreshTimeout)
        trust = TrustSource(clock: clock, background: background)
        let fetch: ResourceTokenSources.Fetch = { [logger] resource in
            let start = clock.now
            let result = await Self.fetchToken(
                configuration,
                resource: resource,
                transport: transport,
                clock: clock,
                serverClock: serverClock,
                logger: logger
            )
            observer?.tokenFetchEnded(
                client: configuration.name,
                end: result.map(\.lifetime),
                duration: start.duration(to: clock.now)
            )
            return result
        }
        tokens = ClientTokenSource(token: token, clock: clock, random: random, onToken: onToken) {
            await fetch(configuration.resource)
        }
        resources = ResourceTokenSources(clock: clock, random: random, background: background, fetch: fetch)
    }

    /// Seconds since 1970, by the emulator's clock where the client talks to it.
    var wallClock: Int64 { serverClock.now }

    /// Whether the client talks to the local emulator.
    package var isEmulated: Bool { endpoints.isEmulated }

    /// Whether any of the client's URLs is plain `http`.
    package var isInsecure: Bool { endpoints.isInsecure }

    /// Keeps the access token fresh, and does the work that belongs to no single caller, until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tokens.run() }
            group.addTask { await self.background.run() }
        }
        refreshes.stop()
        trust.stop()
    }

    /// Fetches a new access token now.
    package func refreshToken(deadline: ContinuousClock.Instant) async throws(APIFailure) {
        try await tokens.refreshByHand(deadline: deadline)
    }

    /// The access token in use, to go on with after a change that does not touch the credential.
    package var heldToken: ClientToken? { tokens.withMachine { $0.token } }

    /// Closes the connections once requests in flight have ended.
    package func shutdown() async {
        await transport.shutdown()
    }

    /// One client-credentials request (E1). Repetitions are the token source's business.
    private static func fetchToken(
        _ configuration: MosaicClientConfiguration,
        resource: String?,
        transport: any HTTPTransport,
        clock: any AgentClock,
        serverClock: ServerClock,
        logger: Logger
    ) async -> Result<ClientTokenGrant, APIFailure> {
        let offset = serverClock.offset
        let result = await fetchTokenOnce(
            configuration,
            resource: resource,
            transport: transport,
            clock: clock,
            serverClock: serverClock,
            logger: logger
        )
        // A statement dated by a clock that was moved since is refused, and the refusal tells the time.
        guard case .failure(let failure) = result, failure.kind == .credentialRejected, serverClock.offset != offset,
            case .privateKeyJWT = configuration.authentication
        else { return result }
        return await fetchTokenOnce(
            configuration,
            resource: resource,
            transport: transport,
            clock: clock,
            serverClock: serverClock,
            logger: logger
        )
    }

    private static func fetchTokenOnce(
        _ configuration: MosaicClientConfiguration,
        resource: String?,
        transport: any HTTPTransport,
        clock: any AgentClock,
        serverClock: ServerClock,
        logger: Logger
    ) async -> Result<ClientTokenGrant, APIFailure> {
        let request: UpstreamRequest
        do throws(APIFailure) {
            request = try configuration.authentication.tokenRequest(
                to: configuration.endpoints.tokenURL,
                clientID: configuration.clientID,
                resource: resource,
                clockOffset: serverClock.offset
            )
        } catch {
            return .failure(error)
        }
        let result: Result<ClientTokenGrant, APIFailure>
        do throws(TransportFailure) {
            let response = try await transport.send(request, call: UpstreamCall(deadline: clock.now + fetchTimeout))
            if configuration.endpoints.isEmulated { serverClock.heard(response) }
            result = ClientTokenGrant.classify(response, wallClock: serverClock.now)
        } catch {
            // The deadline was the fetch's own. To those who wait for the token, Mosaic is not available.
            let failure = APIFailure(error)
            result = .failure(error.reason == .deadline ? failure.with(kind: .unavailable) : failure)
        }
        switch result {
        case .success(let grant):
            logger.debug("client token fetched", metadata: ["expires_in": "\(grant.lifetime.components.seconds)"])
        case .failure(let failure):
            logger.debug("client token fetch failed", metadata: ["failure": "\(failure)"])
        }
        return result
    }
}

extension MosaicClient {
    /// What tells refreshes apart without keeping the token: its digest.
    struct RefreshKey: Hashable, Sendable {
        let kind: UserTokenRefresh.Kind
        let digest: [UInt8]

        init(_ refresh: UserTokenRefresh) {
            var copy: [UInt8] = []
            refresh.refreshToken.withBytes { bytes in
                copy.reserveCapacity(bytes.count)
                for index in bytes.indices { copy.append(bytes[index]) }
            }
            kind = refresh.kind
            digest = Array(SHA256.hash(data: copy))
            copy.wipe()
        }
    }

    /// How long a refresh may take, whatever waits for it.
    static let refreshTimeout = Duration.seconds(30)

    package func refresh(_ refresh: UserTokenRefresh, call: UpstreamCall) async throws(APIFailure) -> UserTokens {
        try await refreshes.result(for: RefreshKey(refresh), call: call) { call in
            do throws(APIFailure) {
                switch refresh.kind {
                case .backend:
                    return .success(
                        try await self.perform(TokenRefreshOperation(refreshToken: refresh.refreshToken), call: call)
                    )
                case .oidc:
                    return .success(
                        try await self.perform(
                            TokenRefreshGrantOperation(refreshToken: refresh.refreshToken),
                            call: call
                        )
                    )
                }
            } catch {
                return .failure(error)
            }
        }
    }

    package func clientToken(
        resource: String?,
        minimumValidity: Duration,
        call: UpstreamCall
    ) async throws(APIFailure) -> IssuedClientToken {
        let token: ClientToken
        if let resource, resource != configuration.resource {
            token = try await resources.token(for: resource, uid: call.uid) { source throws(APIFailure) in
                try await source.token(validFor: minimumValidity, deadline: call.deadline)
            }
        } else {
            token = try await tokens.token(validFor: minimumValidity, deadline: call.deadline)
        }
        return IssuedClientToken(value: token.value, remaining: clock.now.duration(to: token.usableUntil))
    }
}

extension MosaicClient {
    /// A snapshot of the client's health.
    package var status: MosaicClientStatus {
        let now = clock.now
        let calls = traffic.snapshot()
        return tokens.withMachine { machine in
            MosaicClientStatus(
                token: Self.tokenState(machine, at: now),
                tokenAge: machine.token?.age(at: now),
                tokenRemaining: machine.token.map { max(now.duration(to: $0.usableUntil), .zero) },
                isFetching: Self.isFetching(machine.phase),
                tokenFailure: machine.lastFailure.map { Self.remembered($0.failure, at: $0.at, now: now) },
                lastSuccessAge: calls.lastSuccess?.duration(to: now),
                callFailure: calls.lastFailure.map { Self.remembered($0.failure, at: $0.at, now: now) },
                breaker: Self.breakerState(calls.breakers[.authentication] ?? .closed(failures: 0)),
                breakers: calls.breakers.mapValues { Self.breakerState($0) },
                withheldAge: calls.lastWithheld?.duration(to: now)
            )
        }
    }

    private static func tokenState(
        _ machine: ClientTokenStateMachine,
        at now: ContinuousClock.Instant
    ) -> MosaicClientStatus.TokenState {
        if machine.lastFailure?.failure.kind == .credentialRejected { return .credentialRejected }
        if let token = machine.token, token.isUsable(at: now) { return .valid }
        return machine.hasHadToken ? .expired : .none
    }

    private static func isFetching(_ phase: ClientTokenStateMachine.Phase) -> Bool {
        switch phase {
        case .fetching, .pausing: true
        case .idle, .cooling, .rejected, .stopped: false
        }
    }

    private static func breakerState(_ state: CircuitBreaker.State) -> MosaicClientStatus.BreakerState {
        switch state {
        case .closed: .closed
        case .open(0): .open
        case .open: .halfOpen
        }
    }

    private static func remembered(
        _ failure: APIFailure,
        at instant: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> MosaicClientStatus.RememberedFailure {
        MosaicClientStatus.RememberedFailure(
            label: failure.label,
            advice: failure.advice,
            age: instant.duration(to: now)
        )
    }
}

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
