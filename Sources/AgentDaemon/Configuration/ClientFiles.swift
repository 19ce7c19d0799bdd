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

    /// The certificates in a file that nobody else can have put there, or in a service credential.
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
