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

        /// How its requests travel: whom they trust, what they show, and through which proxy.
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
    /// What somebody should look at, sorted.
    package let warnings: [ConfigurationProblem]
    /// The files that were read: the main one, then the drop-ins in order.
    package let files: [String]
}
