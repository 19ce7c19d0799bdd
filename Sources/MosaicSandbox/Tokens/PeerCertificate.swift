import Crypto
import Foundation
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// The certificate that a caller showed on its TLS connection; the handshake proved that it holds the key.
///
/// The listener accepts any certificate, since which ones are good depends on the client that the request names. Validity is
/// measured with the system's clock, as the handshake itself is.
struct PeerCertificate: Sendable, Equatable {
    /// The certificate in DER.
    let bytes: [UInt8]

    /// The `x5t#S256` of the certificate (RFC 8705, section 3.1).
    var thumbprint: String { Data(SHA256.hash(data: bytes)).base64URLText }

    /// Whether it is one of these certificates in DER and within its time.
    func isOne(of registered: [[UInt8]]) -> Bool {
        guard registered.contains(bytes), let certificate = try? Certificate(derEncoded: bytes) else { return false }
        let now = Date()
        return certificate.notValidBefore <= now && now <= certificate.notValidAfter
    }

    /// Whether one of the authorities vouches for it and it has that subject.
    func isIssued(by authorities: [Certificate], subject: String) async -> Bool {
        guard let leaf = try? Certificate(derEncoded: bytes),
            SubjectName.normalized(leaf.subject.description) == SubjectName.normalized(subject)
        else { return false }
        var verifier = Verifier(rootCertificates: CertificateStore(authorities)) { RFC5280Policy() }
        let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore())
        return if case .validCertificate = result { true } else { false }
    }
}

/// Subject names as text (RFC 4514).
enum SubjectName {
    /// The name without spaces around the separators, attribute types in upper case: what names are compared by.
    static func normalized(_ name: String) -> String {
        var parts: [String] = [""]
        var isEscaped = false
        for character in name {
            if character == "," && !isEscaped {
                parts.append("")
            } else {
                parts[parts.endIndex - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts.map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return part.trimmingCharacters(in: .whitespaces) }
            let type = pair[0].trimmingCharacters(in: .whitespaces).uppercased()
            return "\(type)=\(pair[1].trimmingCharacters(in: .whitespaces))"
        }.joined(separator: ",")
    }
}

/// Where a request's certificate can be read, for those who want to know.
struct PeerCertificateSource: Sendable {
    /// The request's connection; nil when it is not TLS.
    let channel: (any Channel)?

    /// The caller's certificate; nil when it showed none.
    var certificate: PeerCertificate? {
        get async throws {
            guard let certificate = try await channel?.nioSSL_peerCertificate().get() else { return nil }
            return PeerCertificate(bytes: try certificate.toDERBytes())
        }
    }
}
