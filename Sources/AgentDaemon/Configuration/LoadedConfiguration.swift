import AgentProtocol
package import ConfigurationFiles
package import MosaicAPI

/// A configuration ready to be used: checked, with the clients' secrets.
package struct LoadedConfiguration: Sendable {
    /// A client with what it proves itself with.
    package struct Client: Sendable, Hashable {
        /// Its section.
        package let settings: ClientSettings
        /// Its method, with the secret, key or certificate.
        package let authentication: ClientAuthentication
        /// The content of its `CAFile=`, as it was when it was checked; nil for the system's authorities.
        package let authorities: [UInt8]?

        /// The same client with something else to prove itself with.
        func authenticated(by authentication: ClientAuthentication) -> Client {
            Client(settings: settings, authentication: authentication, authorities: authorities)
        }

        /// How its requests travel: which authorities they trust, what they show, and through which proxy.
        package var transport: TransportConfiguration {
            var transport = TransportConfiguration()
            transport.userAgent = "mosaicd/\(AgentVersion.current)"
            if let authorities { transport.trustRoots = .pem(authorities) }
            transport.certificate = authentication.certificate
            transport.proxy = settings.proxy
            return transport
        }
    }

    /// What the files say.
    package let configuration: Configuration
    /// The clients, in file order.
    package let clients: [Client]
    /// The rules, ready to be asked.
    package let policy: AccessPolicy
    /// What an administrator should look at, sorted.
    package let warnings: [ConfigurationProblem]
    /// The files that were read: the main one, then the drop-ins in order.
    package let files: [String]
}

/// What the configuration files say, checked and complete: every value is in its range and every name resolved.
package struct Configuration: Sendable {
    /// The `[Daemon]` section.
    package var daemon: DaemonSettings
    /// The `[Client NAME]` sections, in file order.
    package var clients: [ClientSettings]
    /// The `[Access NAME]` sections, in the order in which they are tried.
    package var access: [AccessRule]

    /// A configuration from its parts.
    package init(daemon: DaemonSettings, clients: [ClientSettings], access: [AccessRule]) {
        self.daemon = daemon
        self.clients = clients
        self.access = access
    }
}

/// How a client proves itself, in one line: what `--check-config` tells of each.
struct ClientSummary: CustomStringConvertible {
    let settings: ClientSettings
    /// The client with its files; nil when they could not be looked at, as without service credentials.
    let client: LoadedConfiguration.Client?

    var description: String {
        "Client \(settings.name): \(([settings.authenticationMethod.rawValue] + details).joined(separator: ", "))"
    }

    private var details: [String] {
        switch settings.authenticationMethod {
        case .clientSecretPost, .clientSecretBasic: ["secret from \(settings.secretSource)"]
        case .privateKeyJWT: [key] + assertion
        case .tlsClientAuth, .selfSignedTLSClientAuth: certificate + [key]
        }
    }

    private var key: String {
        guard case .privateKeyJWT(let assertion)? = client?.authentication else {
            return "key from \(settings.secretSource)"
        }
        return "\(assertion.algorithm) key from \(settings.secretSource)"
    }

    private var assertion: [String] {
        settings.assertion.map { ["kid \($0.keyID)", "audience \($0.audience)"] } ?? []
    }

    private var certificate: [String] {
        guard let source = settings.certificate?.source else { return [] }
        let validity = client?.authentication.certificate?.chain.validity
        return ["certificate from \(source)"] + (validity.map { ["good until \($0.endText)"] } ?? [])
    }
}
