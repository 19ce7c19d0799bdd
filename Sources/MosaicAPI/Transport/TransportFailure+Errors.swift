import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension TransportFailure {
    /// The failure behind an error of the HTTP client.
    ///
    /// Only the kind of the error is looked at. Its text is dropped, since some of these errors quote header values.
    ///
    /// - Parameters:
    ///   - error: What the client threw.
    ///   - hasDeparted: Whether the request was let through the gate.
    ///   - hasBody: Whether the gate stood before the body. A request without one departs before there is a
    ///     connection, so for it the kinds of error that speak of the connection's set-up are proof as well.
    init(_ error: any Error, hasDeparted: Bool, hasBody: Bool) {
        let reason = Self.reason(error, hasDeparted: hasDeparted && hasBody)
        let neverConnected =
            switch reason {
            case .connect, .connectTimeout, .tls, .proxy, .pool, .aborted, .shutDown: true
            case .reset, .deadline, .cancelled, .malformed, .headersTooLarge, .bodyTooLarge: false
            }
        self.init(reason, mayHaveBeenSent: hasDeparted && (hasBody || !neverConnected))
    }

    private static func reason(_ error: any Error, hasDeparted: Bool) -> Reason {
        switch error {
        case let error as HTTPClientError:
            clientReason(error)
        case is DepartureRefused:
            .aborted
        case OversizedResponse.body:
            .bodyTooLarge
        case OversizedResponse.headers, HTTPParserError.headerOverflow:
            .headersTooLarge
        case is HTTPParserError:
            .malformed
        case ChannelError.connectTimeout:
            .connectTimeout
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            // Once the handshake is done, TLS errors are connections torn down.
            hasDeparted ? .reset : .tls
        default:
            // Refused and unreachable connections, names that do not resolve; later: resets and broken pipes.
            hasDeparted ? .reset : .connect
        }
    }

    private static func clientReason(_ error: HTTPClientError) -> Reason {
        switch error {
        case .connectTimeout: .connectTimeout
        case .tlsHandshakeTimeout: .tls
        case .socksHandshakeTimeout, .httpProxyHandshakeTimeout, .invalidProxyResponse, .proxyAuthenticationRequired:
            .proxy
        case .getConnectionFromPoolTimeout: .pool
        case .deadlineExceeded: .deadline
        case .cancelled: .cancelled
        case .alreadyShutdown: .shutDown
        case .remoteConnectionClosed, .readTimeout, .writeTimeout, .uncleanShutdown, .requestStreamCancelled: .reset
        default: .malformed
        }
    }
}
