import AsyncHTTPClient
import NIOCore
import NIOSSL

/// Which authorities a transport trusts, which way it goes and how much it takes.
package struct TransportConfiguration: Sendable {
    /// Where trust in the server's certificate begins.
    package enum TrustRoots: Sendable, Hashable {
        /// The system's certificate authorities.
        case system
        /// Only the certificates in this PEM text, in place of the system's.
        case pem([UInt8])
    }

    /// An HTTP proxy that tunnels with CONNECT. Proxies named in the environment are never used.
    package struct Proxy: Sendable, Hashable {
        /// The proxy's host name or address.
        package let host: String
        /// The proxy's port.
        package let port: Int

        /// A proxy.
        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// Where trust begins; the system's roots by default.
    package var trustRoots = TrustRoots.system
    /// What is shown to servers that ask for a certificate; nothing by default.
    package var certificate: ClientCertificate?
    /// The proxy; none by default.
    package var proxy: Proxy?
    /// What the `User-Agent` field says (RFC 9110, section 10.1.5): the product, nothing about the host.
    package var userAgent = "mosaicd"
    /// The most connections to one host at a time; further requests wait for one of them until their deadlines.
    package var maximumConnections = 512
    /// The longest that setting up a connection may take.
    package var connectTimeout = Duration.seconds(5)
    /// How long an unused connection is kept. Shorter than what servers usually allow, so that it is this side that
    /// closes: a request on a connection that the server is just closing is lost, and it is unknown whether it counted.
    package var idleTimeout = Duration.seconds(45)
    /// The largest response body taken, in bytes.
    package var maximumBodyBytes = 4 << 20
    /// The largest response header section taken, in bytes.
    package var maximumHeaderBytes = 64 << 10

    /// The defaults.
    package init() {}

    /// TLS 1.2 or newer with these roots and this certificate, for HTTP/1.1 and nothing else (RFC 7301).
    func tlsConfiguration() throws(TransportConfigurationError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        // A server that hangs does not answer the close either. No answer is cut short by that (RFC 9112, section 9.8), but the
        // connection, and the stop of the agent, would wait.
        tls.shutdownTimeout = .milliseconds(100)
        if case .pem(let text) = trustRoots { tls.trustRoots = .certificates(try Self.certificates(in: text)) }
        certificate?.apply(to: &tls)
        return tls
    }

    func clientConfiguration() throws(TransportConfigurationError) -> HTTPClient.Configuration {
        var pool = HTTPClient.Configuration.ConnectionPool(
            idleTimeout: TimeAmount(idleTimeout),
            concurrentHTTP1ConnectionsPerHostSoftLimit: maximumConnections
        )
        // A failed connection is reported at once; whether to try again is decided above, where the deadline is known.
        pool.retryConnectionEstablishment = false
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try tlsConfiguration(),
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout)),
            connectionPool: pool,
            proxy: proxy.map { .server(host: $0.host, port: $0.port) },
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        // Without a tracer the attributes of a span would still be worked out for every request.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = { StaleConnectionGuard.install(on: $0) }
        return configuration
    }

    private static func certificates(in pem: [UInt8]) throws(TransportConfigurationError) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(pem)
        } catch {
            throw .unreadableCertificates
        }
        guard !certificates.isEmpty else { throw .noCertificates }
        return certificates
    }
}

/// Why a transport cannot be set up.
package enum TransportConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The text of the certificate authorities is not PEM, or a certificate in it is broken.
    case unreadableCertificates
    /// The text of the certificate authorities holds no certificate.
    case noCertificates

    /// What is wrong and what is allowed.
    package var description: String {
        switch self {
        case .unreadableCertificates: "the CA file must hold valid certificates in PEM form"
        case .noCertificates: "the CA file holds no certificate; it must hold at least one, in PEM form"
        }
    }
}
