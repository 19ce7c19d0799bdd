package import MosaicAPI

/// What health needs to know about the certificate that a client shows.
package struct CertificateExpiry: Sendable, Hashable {
    /// When it is good.
    package var validity: CertificateValidity
    /// How long before the end somebody should know.
    package var warning: Duration

    /// What is known about a certificate.
    package init(validity: CertificateValidity, warning: Duration) {
        self.validity = validity
        self.warning = warning
    }

    /// How long it is still good; negative once it has expired.
    ///
    /// - Parameter now: seconds since 1970. It is the time of day that counts, as it does for who looks at the certificate.
    func remaining(at now: Int64) -> Duration { .seconds(validity.end - now) }
}
