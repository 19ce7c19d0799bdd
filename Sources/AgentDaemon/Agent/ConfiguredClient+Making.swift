import Logging
import MosaicAPI
import NIOPosix

extension ConfiguredClient {
    /// The client that a `[Client NAME]` section describes, with a connection pool of its own on `eventLoops`.
    ///
    /// - Throws: ``AgentError`` when the file with the authorities cannot be used (any more).
    static func make(
        _ client: LoadedConfiguration.Client,
        eventLoops: MultiThreadedEventLoopGroup,
        clock: any AgentClock,
        logger: Logger
    ) throws(AgentError) -> ConfiguredClient {
        let settings = client.settings
        let service = MosaicClient(
            MosaicClientConfiguration(
                name: settings.name,
                endpoints: settings.endpoints,
                clientID: settings.clientID,
                authentication: client.authentication
            ),
            transport: try transport(settings, eventLoops: eventLoops, clock: clock),
            clock: clock,
            logger: logger
        )
        let base = settings.endpoints.baseURL
        return ConfiguredClient(
            service: service,
            clientID: settings.clientID,
            host: String(base.origin.drop { $0 != "/" }.drop { $0 == "/" }),
            authentication: settings.authenticationMethod.rawValue
        )
    }

    private static func transport(
        _ settings: ClientSettings,
        eventLoops: MultiThreadedEventLoopGroup,
        clock: any AgentClock
    ) throws(AgentError) -> AsyncHTTPTransport {
        var configuration = TransportConfiguration()
        do {
            if let path = settings.caFile {
                configuration.trustRoots = .pem(
                    try TrustedFile.read(path, maximumSize: CertificateFile.maximumSize)
                )
            }
            configuration.proxy = settings.proxy.map { TransportConfiguration.Proxy(host: $0.host, port: $0.port) }
            return try AsyncHTTPTransport(configuration, eventLoopGroup: eventLoops, clock: clock)
        } catch let problem as TrustedFile.Problem {
            throw AgentError(
                .configuration,
                "[Client \(settings.name)] CAFile=: \(settings.caFile ?? "") \(problem.what)"
            )
        } catch {
            throw AgentError(.configuration, "[Client \(settings.name)] CAFile=: \(error)")
        }
    }
}
