package import Logging
import Secrets
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
