import Foundation
import SwiftASN1
import X509

/// Certificates in PEM text, as they are registered.
enum PEMCertificates {
    /// Why a text was not accepted.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// All certificates of the text, at least one.
    static func read(_ text: String) throws(Failure) -> [Certificate] {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: text)
            let certificates = try documents.map(Certificate.init(pemDocument:))
            if !certificates.isEmpty { return certificates }
        } catch {
            throw Failure(description: "not certificates in PEM: \(error)")
        }
        throw Failure(description: "no certificate in PEM")
    }

    /// The certificate in DER, base64.
    static func base64(_ certificate: Certificate) throws -> String {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return Data(serializer.serializedBytes).base64EncodedString()
    }
}
