import ConfigurationFiles
import MosaicAPI
import Secrets

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
