import MosaicAPI
import Secrets
import Systemd

/// Opens the files that a client's section names: the secret or key, and the authorities.
struct ClientFiles {
    let settings: ClientSettings
    let section: SectionReader
    let environment: Environment
    private(set) var problems: [ConfigurationProblem] = []

    init(settings: ClientSettings, section: SectionReader, environment: Environment) {
        self.settings = settings
        self.section = section
        self.environment = environment
    }

    /// The client with its secret and authorities; nil when something is missing or wrong, which is among the problems.
    ///
    /// - Parameter severity: what it means that a secret comes from a service credential and this process has none.
    mutating func open(withoutCredentials severity: ConfigurationProblem.Severity) -> LoadedConfiguration.Client? {
        let authorities = readAuthorities()
        guard let secret = readSecret(withoutCredentials: severity), let authentication = authentication(with: secret)
        else { return nil }
        return LoadedConfiguration.Client(
            settings: settings,
            authentication: authentication,
            authorities: authorities
        )
    }

    private mutating func authentication(with secret: Secret) -> ClientAuthentication? {
        switch settings.authenticationMethod {
        case .clientSecretPost: return .clientSecretPost(secret)
        case .clientSecretBasic: return .clientSecretBasic(secret)
        case .privateKeyJWT:
            // The settings have it whenever they name the method.
            guard let assertion = settings.assertion else { return nil }
            do {
                let key = try AssertionKey(pem: secret)
                return .privateKeyJWT(
                    ClientAssertion(key: key, keyID: assertion.keyID, audience: assertion.audience)
                )
            } catch {
                report(
                    settings.proofKey.name,
                    at: section.setting(settings.proofKey).place,
                    "\(source) \(error)",
                    allowed: "one private key, RSA of at least 2048 bits or P-256, in PEM form (PKCS#8), not encrypted"
                )
                return nil
            }
        }
    }

    private var source: String {
        switch settings.secretSource {
        case .file(let path): path.printable
        case .credential(let name): "the service credential \(name)"
        }
    }

    private mutating func readSecret(withoutCredentials severity: ConfigurationProblem.Severity) -> Secret? {
        let key = settings.proofKey
        let place = section.setting(key).place
        do {
            switch settings.secretSource {
            case .file(let path):
                return try SecretFile.read(path: path)
            case .credential(let name):
                if let directory = CredentialsDirectory(environment: environment) { return try directory.read(name) }
                let what =
                    severity == .error
                    ? "is not set, and the service was given no credentials to take \(name) from"
                    : "is not set: it is the service credential \(name), which only the service itself can see"
                report(
                    key.name,
                    at: place,
                    what,
                    allowed: "\(key.syntax.allowed); or LoadCredential=\(name):/path in the unit",
                    severity
                )
            }
        } catch {
            report(
                key.name,
                at: place,
                "the secret cannot be taken from \(error)",
                allowed: "a file of root or the agent's user with mode 0600 that holds it and nothing else"
            )
        }
        return nil
    }

    private mutating func readAuthorities() -> [UInt8]? {
        guard let path = settings.caFile else { return nil }
        let place = section.setting(ClientKeys.caFile).place
        do {
            let bytes = try TrustedFile.read(path, maximumSize: CertificateFile.maximumSize)
            guard let flaw = CertificateFile.flaw(in: bytes) else { return bytes }
            report(
                ClientKeys.caFile.name,
                at: place,
                "\(path.printable) \(flaw)",
                allowed: "one or more certificates in PEM form"
            )
        } catch {
            report(ClientKeys.caFile.name, at: place, "\(path.printable) \(error.what)", allowed: error.allowed)
        }
        return nil
    }

    private mutating func report(
        _ key: String,
        at place: Place?,
        _ what: String,
        allowed: String,
        _ severity: ConfigurationProblem.Severity = .error
    ) {
        let place = place ?? section.section.place
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
