import Logging
import Secrets
import TestSupport

@testable import MosaicAPI

/// A running client of a scripted Mosaic.
struct ClientFixture {
    let clock: TestClock
    let client: MosaicClient

    /// A call with ten seconds to go.
    var call: UpstreamCall { UpstreamCall(deadline: clock.now + .seconds(10)) }

    /// The time of day of every test, in seconds since 1970.
    static let now: Int64 = 1_800_000_000

    /// Runs a client beside the test and stops it afterwards.
    static func with(
        _ transport: ScriptedTransport,
        authentication: ClientAuthentication = .clientSecretPost(Secret("client secret")),
        endpoints: MosaicEndpoints = MosaicEndpoints(region: .eu),
        clock: TestClock = TestClock(),
        random: Double = 0,
        _ body: (ClientFixture) async throws -> Void
    ) async throws {
        let client = MosaicClient(
            MosaicClientConfiguration(
                name: "default",
                endpoints: endpoints,
                clientID: "client.example",
                authentication: authentication
            ),
            transport: transport,
            clock: clock,
            wallClock: { now },
            random: { random },
            logger: Logger(label: "test")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            try await body(ClientFixture(clock: clock, client: client))
            group.cancelAll()
        }
        await client.shutdown()
    }
}

/// The kind of failure that an operation ended with, or `nil` when it did not fail.
func failureKind(_ operation: () async throws -> some Any) async throws -> APIFailure.Kind? {
    do {
        _ = try await operation()
        return nil
    } catch let failure as APIFailure {
        return failure.kind
    }
}
