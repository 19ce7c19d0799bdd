import ConfigurationFiles
import MosaicAPI

extension ClientSettings.AuthenticationMethod {
    /// Whether the client has a private key in place of a secret.
    var usesPrivateKey: Bool { self == .privateKeyJWT || usesCertificate }

    /// Whether the client shows a certificate on its connections.
    var usesCertificate: Bool { self == .tlsClientAuth || self == .selfSignedTLSClientAuth }

    /// The key that names the file with the secret or private key.
    var proofKey: ConfigurationKey<String> { usesPrivateKey ? ClientKeys.clientKeyFile : ClientKeys.clientSecretFile }
}

extension ClientSettings.SecretSource: CustomStringConvertible {
    /// The path, or the name of the credential in words.
    package var description: String {
        switch self {
        case .file(let path): path.printable
        case .credential(let name): "the service credential \(name)"
        }
    }
}

/// Reads what a client's section says of how it proves itself.
struct ClientProofReader {
    let method: ClientSettings.AuthenticationMethod
    let endpoints: MosaicEndpoints
    let client: String

    /// Where the secret or private key comes from.
    func secretSource(_ reader: SectionReader) -> ClientSettings.SecretSource {
        source(reader.setting(method.proofKey), ending: method.usesPrivateKey ? "key" : "secret")
    }

    /// What assertions say, for the method that makes them; nil, with a report, if something is missing.
    func assertion(_ reader: inout SectionReader) -> ClientSettings.Assertion? {
        let setting = reader.setting(ClientKeys.clientKeyID)
        if !setting.isSet {
            reader.report(
                ClientKeys.clientKeyID.name,
                at: reader.setting(ClientKeys.authentication.key).place,
                "must be set with \(method.rawValue)",
                allowed: ClientKeys.clientKeyID.syntax.allowed
            )
        }
        return setting.value.map {
            ClientSettings.Assertion(
                keyID: $0,
                audience: reader.setting(ClientKeys.assertionAudience).value ?? endpoints.tokenURL.description
            )
        }
    }

    /// Where the certificate comes from, for the methods that use one.
    func certificate(_ reader: inout SectionReader) -> ClientSettings.Certificate {
        if endpoints.isInsecure {
            reader.report(
                ClientKeys.authentication.name,
                at: reader.setting(ClientKeys.authentication.key).place,
                "is \(method.rawValue), but over plain http no certificate can be shown",
                allowed: "https URLs with this method"
            )
        }
        return ClientSettings.Certificate(
            source: source(reader.setting(ClientKeys.clientCertificateFile), ending: "crt"),
            expiryWarning: reader.value(ClientKeys.certificateExpiryWarning)
        )
    }

    /// Warns of keys that play no part in the client's method: perhaps it is the method that is wrong.
    func warnOfUnused(_ reader: inout SectionReader) {
        let keys = [
            (ClientKeys.clientSecretFile.name, !method.usesPrivateKey),
            (ClientKeys.clientKeyFile.name, method.usesPrivateKey),
            (ClientKeys.clientKeyID.name, method == .privateKeyJWT),
            (ClientKeys.assertionAudience.name, method == .privateKeyJWT),
            (ClientKeys.clientCertificateFile.name, method.usesCertificate),
            (ClientKeys.certificateExpiryWarning.name, method.usesCertificate),
        ]
        for (name, isUsed) in keys where !isUsed {
            guard let place = reader.place(ofKey: name) else { continue }
            reader.report(
                name,
                at: place,
                "plays no part with \(ClientKeys.authentication.name)=\(method.rawValue)",
                severity: .warning
            )
        }
    }

    private func source(_ setting: SectionReader.Setting<String>, ending: String) -> ClientSettings.SecretSource {
        setting.value.map { .file($0) } ?? .credential("\(client).\(ending)")
    }
}
