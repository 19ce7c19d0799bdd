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
