import Logging
import MosaicAPI
import NIOPosix

extension RunningClient {
    /// The client that a `[Client NAME]` section describes, with a connection pool of its own on `eventLoops`.
    ///
    /// - Parameters:
    ///   - token: an access token that was fetched before with the same credential, to begin with.
    ///   - onToken: is told of every access token that is fetched.
    ///   - observer: is told how requests to Mosaic end.
    /// - Throws: ``AgentError`` when the file with the authorities holds no valid certificates.
    static func make(
        _ client: LoadedConfiguration.Client,
        token: ClientToken?,
        eventLoops: MultiThreadedEventLoopGroup,
        clock: any AgentClock,
        logger: Logger,
        onToken: @escaping @Sendable (ClientToken) -> Void,
        observer: any UpstreamObserver
    ) throws(AgentError) -> RunningClient {
        let settings = client.settings
        let service = MosaicClient(
            MosaicClientConfiguration(
                name: settings.name,
                endpoints: settings.endpoints,
                clientID: settings.clientID,
                authentication: client.authentication
            ),
            transport: try transport(client, eventLoops: eventLoops, clock: clock),
            token: token,
            clock: clock,
            onToken: onToken,
            observer: observer,
            logger: logger
        )
        let base = settings.endpoints.baseURL
        let configured = ConfiguredClient(
            service: service,
            clientID: settings.clientID,
            host: String(base.origin.drop { $0 != "/" }.drop { $0 == "/" }),
            authentication: settings.authenticationMethod,
            certificate: client.certificateExpiry
        )
        return RunningClient(configured, heldToken: { service.heldToken })
    }

    private static func transport(
        _ client: LoadedConfiguration.Client,
        eventLoops: MultiThreadedEventLoopGroup,
        clock: any AgentClock
    ) throws(AgentError) -> any HTTPTransport {
        do {
            // Only the HTTP client knows how to ask a proxy for a tunnel.
            if client.transport.proxy != nil {
                return try AsyncHTTPTransport(client.transport, eventLoopGroup: eventLoops, clock: clock)
            }
            return try PooledHTTPTransport(client.transport, eventLoopGroup: eventLoops, clock: clock)
        } catch {
            throw AgentError(.configuration, "[Client \(client.settings.name)] CAFile=: \(error)")
        }
    }
}

extension LoadedConfiguration.Client {
    /// What health has to know about the certificate, for the methods that use one.
    fileprivate var certificateExpiry: CertificateExpiry? {
        guard let certificate = authentication.certificate, let settings = settings.certificate else { return nil }
        return CertificateExpiry(validity: certificate.chain.validity, warning: settings.expiryWarning)
    }
}
