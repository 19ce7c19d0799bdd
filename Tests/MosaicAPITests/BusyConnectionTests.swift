import NIOCore
import NIOPosix
import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.patient)
struct `Requests that wait for a connection` {
    private let clock = TestClock()

    @Test(arguments: [true, false])
    func `wait as long as their callers do, not only as long as connecting may take`(hasBody: Bool) async throws {
        let server = LoopbackServer { $0.connection == 0 ? [] : [.respond(200, "{}")] }
        var configuration = TransportConfiguration()
        configuration.maximumConnections = 1
        configuration.connectTimeout = .milliseconds(250)
        let transport = try AsyncHTTPTransport(configuration, clock: clock)
        try await server.run { port in
            let url = try ServiceURL("http://127.0.0.1:\(port)/x", allowInsecureHTTP: true)
            let request = UpstreamRequest(
                hasBody ? .post : .get,
                url,
                authorization: .bearer(Secret("token")),
                body: hasBody ? .json(Secret("{}")) : nil
            )
            let call = UpstreamCall(deadline: clock.now + .seconds(60)) { true }
            async let first: UpstreamResponse? = try? transport.send(request, call: call)
            await server.requestArrived()
            async let second: UpstreamResponse? = try? transport.send(request, call: call)
            // Nothing tells that it waits on. Other than a sleep, this cannot be over before the client's own timer, which
            // is set to less, once that is running.
            try await MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(1000)) {}.futureResult
                .get()
            await server.closeConnections()
            #expect(await first == nil)
            #expect(await second?.status == 200)
        }
        await transport.shutdown()
    }
}
