import NIOSSL

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
