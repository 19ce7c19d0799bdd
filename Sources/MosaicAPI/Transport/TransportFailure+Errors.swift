import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension TransportFailure {
    /// The failure behind an error of the HTTP client.
    ///
    /// Only the kind of the error is looked at. Its text is dropped, since some of these errors quote header values.
    ///
    /// - Parameters:
    ///   - error: What the client threw.
    ///   - hasDeparted: Whether the request was let through the gate.
    ///   - hasBody: Whether the gate stood before the body. A request without one departs before there is a
    ///     connection, so for it only those errors are proof that can befall nothing but the setting up of one.
    init(_ error: any Error, hasDeparted: Bool, hasBody: Bool) {
        let reason = Self.reason(error, inSetUp: hasBody ? !hasDeparted : Self.onlyBefallsSetUp(error))
        let neverConnected =
            switch reason {
            case .connect, .connectTimeout, .tls, .clientCertificate, .proxy, .pool, .stale, .aborted, .shutDown: true
            case .reset, .deadline, .cancelled, .malformed, .headersTooLarge, .bodyTooLarge: false
            }
        // With TLS 1.3 the request follows the certificate at once, but a server that refuses the latter reads no further.
        let isRefused = reason == .clientCertificate
        let isUnwritten = reason == .stale
        self.init(
            reason,
            mayHaveBeenSent: hasDeparted && !isRefused && !isUnwritten && (hasBody || !neverConnected)
        )
    }

    /// The reason that the kind of an error gives.
    ///
    /// - Parameter inSetUp: Whether the error befell the setting up of a connection; of a few kinds that is not clear.
    private static func reason(_ error: any Error, inSetUp: Bool) -> Reason {
        switch error {
        case let error as HTTPClientError:
            clientReason(error)
        case is StaleConnection:
            .stale
        case ChannelError.ioOnClosedChannel where inSetUp:
            // The pool lent a connection that had just been closed.
            .stale
        case is CommitRefused:
            .aborted
        case OversizedResponse.body:
            .bodyTooLarge
        case OversizedResponse.headers, HTTPParserError.headerOverflow:
            .headersTooLarge
        case is HTTPParserError:
            .malformed
        case ChannelError.connectTimeout:
            .connectTimeout
        case _ where TLSAlert.isAboutOwnCertificate(error):
            .clientCertificate
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            // Once the handshake is done, TLS errors are connections torn down.
            inSetUp ? .tls : .reset
        default:
            // Refused and unreachable connections, names that do not resolve; later: resets and broken pipes.
            inSetUp ? .connect : .reset
        }
    }

    /// Whether an error cannot come from a connection that is up.
    ///
    /// An unreachable host is not among them: it can also be how a connection ends.
    private static func onlyBefallsSetUp(_ error: any Error) -> Bool {
        switch error {
        case let error as IOError:
            [ECONNREFUSED, EADDRNOTAVAIL, EMFILE, ENFILE].contains(error.errnoCode)
        case let error as NIOSSLExtraError:
            error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
        case is NIOConnectionError, NIOSSLError.handshakeFailed, NIOSSLError.unableToValidateCertificate,
            NIOSSLError.noCertificateToValidate:
            true
        default:
            false
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
