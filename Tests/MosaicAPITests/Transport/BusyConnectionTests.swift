import NIOCore
import NIOPosix
import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `Requests that wait for a connection`: TransportTests {
    let clock = TestClock()

    @Test(arguments: TransportKind.allCases, [true, false])
    func `wait as long as their callers do, not only as long as connecting may take`(
        kind: TransportKind,
        hasBody: Bool
    ) async throws {
        let server = LoopbackServer { $0.connection == 0 ? [] : [.respond(200, "{}")] }
        var configuration = TransportConfiguration()
        configuration.maximumConnections = 1
        configuration.connectTimeout = .seconds(2)
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
                let request = hasBody ? try post(port) : UpstreamRequest(.get, try url(port))
                async let first = failure(transport, request, call())
                await server.requestArrived()
                async let second = failure(transport, request, call())
                // Nothing tells that it waits on. Other than a sleep, this cannot be over before the client's own timer,
                // which is set to less, once that is running.
                try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .seconds(3)) {}
                    .futureResult.get()
                await server.closeConnections()
                #expect(await first == TransportFailure(.reset, mayHaveBeenSent: true))
                #expect(await second == nil)
            }
        }
        #expect(server.connections == 2)
    }
}
