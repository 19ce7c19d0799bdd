import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// The certificate that a client shows on its TLS connections, with those that lead from it to an authority, if any.
package struct CertificateChain: Sendable, Hashable {
    /// The client's own certificate, then that of its issuer, and so on.
    let certificates: [NIOSSLCertificate]
    /// The public key of the client's own certificate.
    let publicKey: Certificate.PublicKey
    /// When the certificates are good, all of them.
    package let validity: CertificateValidity

    /// The certificates in a PEM file (RFC 7468), the client's own first.
    package init(pem: [UInt8]) throws(CertificateChainError) {
        let certificates: [NIOSSLCertificate]
        do { certificates = try NIOSSLCertificate.fromPEMBytes(pem) } catch { throw .notCertificates }
        let chain = try certificates.map(Self.parse)
        guard let own = chain.first else { throw .notCertificates }
        for (certificate, issuer) in zip(chain, chain.dropFirst()) where certificate.issuer != issuer.subject {
            throw .notInOrder
        }
        self.certificates = certificates
        publicKey = own.publicKey
        validity = CertificateValidity(
            start: chain.map { $0.notValidBefore.secondsSince1970 }.max() ?? 0,
            end: chain.map { $0.notValidAfter.secondsSince1970 }.min() ?? 0
        )
    }

    /// The certificates in DER, the client's own first.
    var encodings: [[UInt8]] { certificates.map { (try? $0.toDERBytes()) ?? [] } }

    /// The other library traps on keys that it does not know, so only this one looks into the certificate.
    private static func parse(_ certificate: NIOSSLCertificate) throws(CertificateChainError) -> Certificate {
        do { return try Certificate(derEncoded: certificate.toDERBytes()) } catch { throw .unreadable }
    }
}

/// The time within which a certificate is good, as it says itself: seconds since 1970, both ends included.
package struct CertificateValidity: Sendable, Hashable {
    /// The first second.
    package let start: Int64
    /// The last second.
    package let end: Int64

    /// A time.
    package init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }

    /// The first second as text: `2026-11-22T04:20:05Z`.
    package var startText: String { Self.text(start) }
    /// The last second as text.
    package var endText: String { Self.text(end) }

    /// A time of day as text.
    package static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).ISO8601Format()
    }
}

/// Why a file's content is no chain of certificates.
package enum CertificateChainError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is none in PEM form, or one is damaged.
    case notCertificates
    /// A certificate, or its key, is not of a kind that can be used.
    case unreadable
    /// A certificate is not the issuer of the one before it.
    case notInOrder

    /// A phrase that follows the name of the file.
    package var description: String {
        switch self {
        case .notCertificates: "holds no whole certificate in PEM form"
        case .unreadable: "holds a certificate that cannot be used"
        case .notInOrder: "holds a certificate that is not the issuer of the one before it"
        }
    }
}

extension Date {
    fileprivate var secondsSince1970: Int64 { Int64(clamping: Int(timeIntervalSince1970.rounded(.down))) }
}
