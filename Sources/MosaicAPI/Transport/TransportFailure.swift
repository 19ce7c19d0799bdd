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

/// Why an HTTP exchange brought no whole response, and whether the request can have left the host.
package struct TransportFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong. Raw values are short texts without variable data, fit for metric labels and logs.
    package enum Reason: String, Sendable, CaseIterable {
        /// No connection: refused, unreachable, or the name did not resolve.
        case connect
        /// No connection within the connection time-out.
        case connectTimeout = "connect_timeout"
        /// The TLS handshake failed: wrong certificate, unknown authority, protocol too old.
        case tls
        /// The server ended the TLS handshake because of this side's certificate, or because it showed none.
        case clientCertificate = "client_certificate"
        /// The proxy refused or broke the tunnel.
        case proxy
        /// No pooled connection came free in time.
        case pool
        /// The server had closed the pooled connection before the request was written to it.
        case stale
        /// The connection was reset or closed before the response was whole.
        case reset
        /// The deadline of the call passed.
        case deadline
        /// The calling task was cancelled.
        case cancelled
        /// The caller's last word was no.
        case aborted
        /// The response breaks HTTP.
        case malformed
        /// The response's header section is over the limit.
        case headersTooLarge = "headers_too_large"
        /// The response's body is over the limit.
        case bodyTooLarge = "body_too_large"
        /// The transport is shut down.
        case shutDown = "shut_down"
    }

    /// What went wrong.
    package let reason: Reason
    /// Whether the request can have reached Mosaic. `false` is proof that it did not.
    package let mayHaveBeenSent: Bool

    /// A failure.
    package init(_ reason: Reason, mayHaveBeenSent: Bool) {
        self.reason = reason
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    /// The reason and what is known about the request.
    package var description: String {
        "\(reason.rawValue), \(mayHaveBeenSent ? "may have been sent" : "not sent")"
    }
}

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

/// Reads what a server said when it ended a TLS connection (RFC 8446, section 6).
enum TLSAlert {
    /// Names of the library for alerts 42 to 46, 48 and 116, which only a peer that judges our certificate sends.
    private static let names = [
        "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED", "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_CERTIFICATE_REQUIRED",
    ]

    /// Whether the server refuses the certificate that this side has shown, or wants one that it has not.
    static func isAboutOwnCertificate(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.handshakeFailed(let reason): isAboutOwnCertificate(reason)
        // The library tells alerts apart by the text alone.
        case BoringSSLError.sslError(let stack): stack.contains { isAlert($0.description) }
        default: false
        }
    }

    private static func isAlert(_ text: String) -> Bool {
        names.contains { text.contains($0) }
    }
}
