import ConfigurationFiles
import MosaicAPI
import Secrets
import Systemd

/// Opens the files that a client's section names: what it proves itself with, and the authorities.
struct ClientFiles {
    let settings: ClientSettings
    let section: SectionReader
    let environment: Environment
    /// What it means that something comes from a service credential and this process has none.
    let withoutCredentials: ConfigurationProblem.Severity
    /// Seconds since 1970.
    let now: Int64
    private(set) var problems: [ConfigurationProblem] = []

    init(
        settings: ClientSettings,
        section: SectionReader,
        environment: Environment,
        withoutCredentials: ConfigurationProblem.Severity,
        now: Int64
    ) {
        self.settings = settings
        self.section = section
        self.environment = environment
        self.withoutCredentials = withoutCredentials
        self.now = now
    }

    /// The client with its proof and authorities; nil when something is missing or wrong, which is among the problems.
    mutating func open() -> LoadedConfiguration.Client? {
        let authorities = readAuthorities()
        guard let authentication = readProof() else { return nil }
        return LoadedConfiguration.Client(
            settings: settings,
            authentication: authentication,
            authorities: authorities
        )
    }

    /// The secret that stands in a file or a service credential.
    ///
    /// - Parameters:
    ///   - key: the key that names the file.
    ///   - noun: what it is.
    mutating func readSecret(
        _ source: ClientSettings.SecretSource,
        _ key: ConfigurationKey<String>,
        noun: String
    ) -> Secret? {
        do {
            switch source {
            case .file(let path):
                return try SecretFile.read(path: path)
            case .credential(let name):
                if let directory = CredentialsDirectory(environment: environment) { return try directory.read(name) }
                reportMissingCredential(name, key)
            }
        } catch {
            report(
                key.name,
                "the \(noun) cannot be taken from \(error)",
                allowed: "a file of root or the agent's user with mode 0600 that holds it and nothing else"
            )
        }
        return nil
    }

    /// The certificates in a file that no other user can have put there, or in a service credential.
    mutating func readCertificates(
        _ source: ClientSettings.SecretSource,
        _ key: ConfigurationKey<String>
    ) -> [UInt8]? {
        let bytes: [UInt8]
        switch source {
        case .file(let path):
            do { bytes = try TrustedFile.read(path, maximumSize: CertificateFile.maximumSize) } catch {
                report(key.name, "\(path.printable) \(error.what)", allowed: error.allowed)
                return nil
            }
        case .credential:
            guard let content = readSecret(source, key, noun: "certificate") else { return nil }
            bytes = content.withBytes { span in span.indices.map { span[$0] } }
        }
        guard let flaw = CertificateFile.flaw(in: bytes) else { return bytes }
        report(key.name, "\(source) \(flaw)", allowed: "one or more certificates in PEM form")
        return nil
    }

    private mutating func readAuthorities() -> [UInt8]? {
        settings.caFile.flatMap { readCertificates(.file($0), ClientKeys.caFile) }
    }

    private mutating func reportMissingCredential(_ name: String, _ key: ConfigurationKey<String>) {
        let what =
            withoutCredentials == .error
            ? "is not set, and the service was given no credentials to take \(name) from"
            : "is not set: it is the service credential \(name), which only the service itself can see"
        report(
            key.name,
            what,
            allowed: "\(key.syntax.allowed); or LoadCredential=\(name):/path in the unit",
            withoutCredentials
        )
    }

    /// Notes a problem with a key.
    mutating func report(
        _ key: String,
        _ what: String,
        allowed: String? = nil,
        _ severity: ConfigurationProblem.Severity = .error
    ) {
        let place = section.place(ofKey: key) ?? section.section.place
        problems.append(
            ConfigurationProblem(
                severity: severity,
                file: place.file,
                line: place.line,
                section: section.section.title,
                key: key,
                what: what,
                allowed: allowed
            )
        )
    }
}

extension ClientFiles {
    /// What the client proves itself with.
    mutating func readProof() -> ClientAuthentication? {
        switch settings.authenticationMethod {
        case .clientSecretPost: readSecret().map { .clientSecretPost($0) }
        case .clientSecretBasic: readSecret().map { .clientSecretBasic($0) }
        case .privateKeyJWT: readAssertion().map { .privateKeyJWT($0) }
        case .tlsClientAuth: readCertificate().map { .tlsClientAuth($0) }
        case .selfSignedTLSClientAuth: readCertificate().map { .selfSignedTLSClientAuth($0) }
        }
    }

    private mutating func readSecret() -> Secret? {
        let key = ClientKeys.clientSecretFile
        guard let secret = readSecret(settings.secretSource, key, noun: "secret") else { return nil }
        guard let flaw = ClientSecretFlaw(of: secret) else { return secret }
        report(key.name, "the secret in \(settings.secretSource) \(flaw)", allowed: ClientSecretFlaw.allowed)
        return nil
    }

    private mutating func readAssertion() -> ClientAssertion? {
        // The settings have it whenever they name the method.
        guard let assertion = settings.assertion,
            let key = readKey("RSA of at least 2048 bits or P-256", AssertionKey.init(pem:))
        else { return nil }
        return ClientAssertion(key: key, keyID: assertion.keyID, audience: assertion.audience)
    }

    private mutating func readCertificate() -> ClientCertificate? {
        // The settings have it whenever they name the method. Both files are looked at, whatever the other is like.
        guard let certificate = settings.certificate else { return nil }
        let chain = readChain(certificate)
        let key = readKey("RSA of at least 2048 bits, P-256 or P-384", ClientCertificate.Key.init(pem:))
        guard let chain, let key else { return nil }
        do { return try ClientCertificate(chain, key: key) } catch {
            report(
                ClientKeys.clientKeyFile.name,
                "\(settings.secretSource) does not hold the key of the certificate in \(certificate.source)",
                allowed: "the private key whose public half is in the file's first certificate"
            )
            return nil
        }
    }

    /// The private key in its file or credential.
    private mutating func readKey<Key>(_ kinds: String, _ make: (Secret) throws(PrivateKeyError) -> Key) -> Key? {
        guard let pem = readSecret(settings.secretSource, ClientKeys.clientKeyFile, noun: "private key") else {
            return nil
        }
        do { return try make(pem) } catch {
            report(
                ClientKeys.clientKeyFile.name,
                "\(settings.secretSource) \(error)",
                allowed: "one private key, \(kinds), in PEM form (PKCS#8), not encrypted, and no other block"
            )
            return nil
        }
    }

    private mutating func readChain(_ certificate: ClientSettings.Certificate) -> CertificateChain? {
        let key = ClientKeys.clientCertificateFile
        guard let pem = readCertificates(certificate.source, key) else { return nil }
        do {
            let chain = try CertificateChain(pem: pem)
            return isGood(chain.validity, certificate) ? chain : nil
        } catch {
            report(
                key.name,
                "\(certificate.source) \(error)",
                allowed:
                    "the client's certificate, and behind it those of its issuers, each the issuer of the one before"
            )
            return nil
        }
    }

    private mutating func isGood(_ validity: CertificateValidity, _ certificate: ClientSettings.Certificate) -> Bool {
        let key = ClientKeys.clientCertificateFile.name
        let allowed = "certificates that are good now (\(CertificateValidity.text(now)))"
        if now < validity.start {
            report(key, "\(certificate.source) is not good before \(validity.startText)", allowed: allowed)
            return false
        }
        if now > validity.end {
            report(key, "\(certificate.source) has expired: it was good until \(validity.endText)", allowed: allowed)
            return false
        }
        if validity.end - now < certificate.expiryWarning.components.seconds {
            report(key, "\(certificate.source) expires soon: it is good until \(validity.endText)", .warning)
        }
        return true
    }
}

/// A light look at a PEM file of certificates: enough to find the wrong file, not to judge certificates.
enum CertificateFile {
    /// The greatest size of such a file; the bundles of the usual distributions have a quarter of it.
    static let maximumSize = 1 << 20

    /// What is wrong with the file's content, as a phrase, or nil.
    static func flaw(in bytes: [UInt8]) -> String? {
        var certificates = 0
        var body: [UInt8]?
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if line.starts(with: "-----BEGIN ".utf8) {
                if String(decoding: line, as: UTF8.self).contains("PRIVATE KEY") {
                    return "holds a private key, which has no place in a file of certificates"
                }
                guard body == nil else { return "has a BEGIN line inside another block" }
                body = line.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) ? [] : nil
            } else if let block = body {
                guard line.elementsEqual("-----END CERTIFICATE-----".utf8) else {
                    body = block + line
                    continue
                }
                guard isEncodedSequence(block) else { return "has a certificate that is not in base64" }
                certificates += 1
                body = nil
            }
        }
        guard body == nil else { return "ends inside a certificate" }
        return certificates == 0 ? "holds no certificate in PEM form" : nil
    }

    /// Whether it is base64 whose first byte is 0x30, the tag of an ASN.1 SEQUENCE that every certificate is.
    private static func isEncodedSequence(_ body: [UInt8]) -> Bool {
        let text = body.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        let digits = text.prefix { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        let padding = text.dropFirst(digits.count)
        return text.count % 4 == 0 && padding.count <= 2 && padding.allSatisfy { $0 == UInt8(ascii: "=") }
            && text.first == UInt8(ascii: "M") && text.count > 64
    }
}
