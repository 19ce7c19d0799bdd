import MosaicAPI
import Secrets
import Systemd

/// A configured client that fetches tokens and has connections of its own, from its start to its stop.
final class RunningClient: Sendable {
    /// The client as handlers see it.
    let configured: ConfiguredClient
    /// The access token that it holds, to hand on to a successor with the same credential.
    let heldToken: @Sendable () -> ClientToken?
    private let stops = AsyncStream.makeStream(of: Void.self)

    /// A client that ``run()`` sets going.
    init(_ configured: ConfiguredClient, heldToken: @escaping @Sendable () -> ClientToken? = { nil }) {
        self.configured = configured
        self.heldToken = heldToken
    }

    /// Keeps the token fresh until ``stop()`` or until the task is cancelled; then closes the connections.
    func run() async {
        let service = configured.service
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            group.addTask { [stops] in for await _ in stops.stream {} }
            await group.next()
            group.cancelAll()
        }
        await service.shutdown()
    }

    /// Ends ``run()``, now or when it begins. No call may need the client any more.
    func stop() {
        stops.continuation.finish()
    }
}

/// A client of a configuration: what runs, and what it was made of.
struct ManagedClient: Sendable {
    /// The client that runs; the same one in several configurations if nothing about it has changed.
    let running: RunningClient
    /// What the files said when they were last read.
    let source: LoadedConfiguration.Client
    /// What it acts with; differs from the source in the credential after a rotation.
    let inUse: LoadedConfiguration.Client
    /// The credential of a rotation, as it was given; nil while the client acts with that of its source.
    var rotated: Secret?

    /// The name in the configuration.
    var name: String { inUse.settings.name }
}
