import MosaicAPI

/// The configured Mosaic clients by name, in the order of the configuration.
package struct ClientDirectory: Sendable {
    /// The clients in the order of the configuration.
    package let clients: [ConfiguredClient]
    private let byName: [String: ConfiguredClient]

    /// A directory; names are unique because the configuration says so.
    package init(_ clients: [ConfiguredClient]) {
        self.clients = clients
        self.byName = Dictionary(clients.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The client of that name.
    package subscript(name: String) -> ConfiguredClient? { byName[name] }

    /// Whether any client talks to the emulator.
    package var isEmulated: Bool { clients.contains { $0.service.isEmulated } }
}
