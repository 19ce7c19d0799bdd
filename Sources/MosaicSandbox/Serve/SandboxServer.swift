import Foundation
import GRDB
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a sandbox as a server until SIGTERM or SIGINT, with its files in a state directory.
package struct SandboxServer: Sendable {
    /// What `mosaic-sandbox serve` was asked for.
    package struct Options: Sendable {
        /// A loopback address: `127.0.0.1`, `::1` or `localhost`.
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 8443
        /// False serves plain http.
        package var isSecure = true
        package var state = StateDirectory.standard
        package var databasePath: String?
        package var hashCost = PasswordHasher.Cost.standard
        package var users: [SeedUser] = []
        /// Replace the client's redirect URIs unless empty; see ``isRedirectURI(_:)``.
        package var redirectURIs: [String] = []

        package init() {}

        /// Whether a client may have that redirect URI: an absolute URI without fragment.
        package static func isRedirectURI(_ text: String) -> Bool { RedirectURI.isValid(text) }
    }

    /// Why the server did not start.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let options: Options
    private let logger: Logger

    package init(_ options: Options, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Serves. Returns after a graceful stop.
    ///
    /// - Parameter announce: called once it serves, with what was written to `sandbox.json`; what it throws ends the
    ///   sandbox.
    package func run(announce: @escaping @Sendable (SandboxDescription) throws -> Void) async throws {
        guard ["127.0.0.1", "::1", "localhost"].contains(options.host) else {
            throw Failure(description: "the sandbox serves only on 127.0.0.1, ::1 or localhost, not on \(options.host)")
        }
        let lock = try options.state.claim()
        defer { try? lock.close() }
        // A leftover of a killed sandbox would send clients to a port that is not ours.
        PrivateFile.remove(atPath: options.state.descriptionFile)
        defer { PrivateFile.remove(atPath: options.state.descriptionFile) }

        var configuration = SandboxConfiguration()
        configuration.databasePath = options.databasePath
        configuration.hashCost = options.hashCost
        configuration.isSecure = options.isSecure
        configuration.readsClientCertificates = options.isSecure
        if !options.redirectURIs.isEmpty { configuration.redirectURIs = options.redirectURIs }
        let sandbox = try await Sandbox(configuration)
        _ = try await sandbox.seed(options.users)
        let files = try await ServerFiles(sandbox: sandbox, options: options)
        let (ports, announcePort) = AsyncStream.makeStream(of: Int.self)
        let application = sandbox.application(
            server: try files.server,
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                serverName: "mosaic-sandbox"
            ),
            logger: logger
        ) { port in announcePort.yield(port) }
        let announcement = Announcement(ports: ports, file: options.state.descriptionFile) { port in
            let description = files.description(port: port)
            try PrivateFile.replace(atPath: options.state.descriptionFile, with: description.text)
            try announce(description)
        }
        var groupConfiguration = ServiceGroupConfiguration(
            services: [TokenPurge(store: sandbox.store, clock: sandbox.clock), application, announcement],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // A client that never finishes its request must not hold up the stop.
        groupConfiguration.maximumGracefulShutdownDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: groupConfiguration).run()
        } catch is CancellationError where !Task.isCancelled {
            logger.notice("stopped with requests unfinished")
        } catch {
            throw Failure(
                description:
                    "cannot serve on \(options.host) port \(options.port): \(error) (see --port; 0 takes a free one)"
            )
        }
        try sandbox.store.close()
    }
}

/// Tells the world where the sandbox serves, once it does, and takes that back before the server stops.
private struct Announcement: Service {
    let ports: AsyncStream<Int>
    let file: String
    let announce: @Sendable (Int) throws -> Void

    func run() async throws {
        for await port in ports.cancelOnGracefulShutdown() {
            try announce(port)
        }
        PrivateFile.remove(atPath: file)
    }
}
