import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What all pools of a transport go by.
struct PoolSettings: Sendable {
    /// How much of a response is taken.
    let limits: HTTP1ResponseReader.Limits
    /// The longest that setting up a connection may take, TLS included.
    let connectTimeout: TimeAmount
    /// How long an unused connection is kept.
    let idleTimeout: TimeAmount
    /// The value of `User-Agent`.
    let userAgent: String
    /// The trusted roots, and the certificate to show.
    let tls: TLSContexts
    /// Measures deadlines.
    let clock: any AgentClock
    /// Makes the buffers of requests.
    let allocator = ByteBufferAllocator()

    /// The settings of a configuration.
    init(_ configuration: TransportConfiguration, tls: TLSConfiguration, clock: any AgentClock) {
        limits = HTTP1ResponseReader.Limits(
            headerBytes: configuration.maximumHeaderBytes,
            bodyBytes: configuration.maximumBodyBytes
        )
        connectTimeout = TimeAmount(configuration.connectTimeout)
        idleTimeout = TimeAmount(configuration.idleTimeout)
        userAgent = configuration.userAgent
        self.tls = TLSContexts(tls)
        self.clock = clock
    }
}

/// Makes the TLS context of a transport when it is needed first, beside the event loops: the system's roots take a while to read.
final class TLSContexts: Sendable {
    private let configuration: TLSConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)

    /// Contexts of this configuration; one is made.
    init(_ configuration: TLSConfiguration) {
        self.configuration = configuration
    }

    /// The context; nil where no TLS is spoken.
    func context(isSecure: Bool, on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext?> {
        guard isSecure else { return eventLoop.makeSucceededFuture(nil) }
        // Not waited for: another loop may be having it made at the moment.
        if let context = made.withLockIfAvailable({ $0 }) ?? nil { return eventLoop.makeSucceededFuture(context) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [self] in
            try made.withLock { made in
                if let made { return made }
                let context = try NIOSSLContext(configuration: configuration)
                made = context
                return context
            }
        }
    }
}

/// Where a pool's connections go.
struct Endpoint: Hashable, Sendable {
    /// Whether TLS is spoken.
    let isSecure: Bool
    /// The host, an IPv6 address without brackets.
    let host: String
    /// The port.
    let port: Int

    /// The host and port of a URL.
    init(_ url: ServiceURL) {
        isSecure = url.isSecure
        host = url.host
        port = url.port
    }

    /// Whether a URL is of this host and port.
    func matches(_ url: ServiceURL) -> Bool { url.port == port && url.isSecure == isSecure && url.host == host }

    /// The value of `Host` (RFC 9110, section 7.2).
    var hostField: String {
        let shown = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == ServiceURL.defaultPort(secure: isSecure) ? shown : "\(shown):\(port)"
    }

    /// The name that the certificate must have and that is sent in the handshake; nil for an address, which is checked
    /// against the certificate's addresses and not sent (RFC 6066, section 3).
    var serverName: String? { address == nil ? host : nil }

    private var address: SocketAddress? { try? SocketAddress(ipAddress: host, port: port) }

    /// Connects to the host: at once to an address, else to the addresses of the name, of which the first that answers wins.
    func connect(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
        if let address { bootstrap.connect(to: address) } else { bootstrap.connect(host: host, port: port) }
    }
}
