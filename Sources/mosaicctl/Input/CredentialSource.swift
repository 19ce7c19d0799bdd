import ConfigurationFiles
import Linux
import Systemd

/// Where a client's secret or private key comes from, by the configuration as this command reads it itself.
///
/// The agent's word does not count here: it runs with fewer rights than this command, and a path that it names would be
/// written with all of them.
enum CredentialSource: Equatable {
    /// `ClientSecretFile=` or `ClientKeyFile=`.
    case file(String)
    /// A credential of the unit.
    case unit
    /// The configuration does not tell, for this reason.
    case unknown(String)

    /// Looks it up.
    init(ofClient client: String, configuration path: String) {
        let files = ConfigurationFiles(reading: path)
        let section = "Client \(client)"
        if let problem = files.problems.first(where: { $0.severity == .error }) {
            self = .unknown(problem.description)
        } else if !files.hasSection(section) {
            self = .unknown("\(PathText.printable(path)) has no section [\(section)]")
        } else {
            let usesKey =
                files.value(ofKey: "Authentication", in: section).map { !$0.hasPrefix("client_secret_") } ?? false
            let key = usesKey ? "ClientKeyFile" : "ClientSecretFile"
            self = files.value(ofKey: key, in: section).map { .file($0) } ?? .unit
        }
    }

    /// The user that the agent's service runs as, whose files the agent takes secrets from; nil if systemd does not tell.
    static func agentUser() -> UInt32? {
        guard let name = (try? SystemManager().identity(ofService: "mosaicd.service"))??.user, !name.isEmpty else {
            return nil
        }
        return UserDatabase.user(named: name)?.uid ?? UInt32(name)
    }
}
