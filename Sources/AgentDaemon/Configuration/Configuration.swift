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
