import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `A pooled connection that the server has closed`: TransportTests {
    let clock = TestClock()

    /// What async-http-client's own handler does, as far as the guard is concerned: it passes on parts and notes errors.
    private final class Client: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart

        var errors: [String] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            errors.append("\(error)")
            context.close(promise: nil)
        }
    }

    @Test func `is noticed before a request is written, in the same turn of the event loop`() async throws {
        // Its own loop: the server closes while this one stands still.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        try await server.run { port in
            let channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(HTTPRequestEncoder())
                        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
                        try pipeline.addHandler(Client())
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            try await StaleConnectionGuard.install(on: channel).get()
            try await channel.eventLoop.submit {
                let headers: HTTPHeaders = ["Host": "x", "Content-Length": "0"]
                Self.write(.head(.init(version: .http1_1, method: .GET, uri: "/first", headers: headers)), to: channel)
                Self.write(.end(nil), to: channel)
            }.get()
            await server.requestArrived()
            let closing = server.closing()
            let seen = try await channel.eventLoop.submit { () -> [String] in
                closing.begin()
                let pipeline = channel.pipeline.syncOperations
                let isClosed = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
                    while !StaleConnectionGuard.isClosed(byPeerOf: descriptor) {}
                    return true
                }
                // The event loop has not seen it yet; the socket has.
                guard isClosed == true, channel.isActive else { return [] }
                Self.write(.head(.init(version: .http1_1, method: .POST, uri: "/second")), to: channel)
                return try pipeline.handler(type: Client.self).errors
            }.get()
            #expect(seen == ["StaleConnection()"])
        }
        #expect(server.requests.map(\.line) == ["GET /first HTTP/1.1"])
        #expect(!server.received.contains("second"))
        try await group.shutdownGracefully()
    }

    private static func write(_ part: HTTPClientRequestPart, to channel: any Channel) {
        channel.pipeline.syncOperations.writeAndFlush(NIOAny(part), promise: nil)
    }

    @Test func `costs no request`() async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(.pooled) { transport in
                let request = try post(port)
                for round in 0..<50 {
                    var trouble = await failure(transport, request, call())
                    // The client may see the close in the instant in which it takes the connection. Then nothing was sent,
                    // and it says so: the request may go out again.
                    if trouble?.mayHaveBeenSent == false { trouble = await failure(transport, request, call()) }
                    #expect(trouble == nil, "round \(round)")
                    await server.endConnections()
                }
            }
        }
        #expect(server.requests.count == 50)
    }

    @Test(arguments: TransportKind.allCases)
    func `is not used until the end of the time that the server keeps it`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}", headers: ["Keep-Alive: max=9, timeout=1"])] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let request = try post(port)
                #expect(await failure(transport, request, call()) == nil)
                // The guard closes it by itself after half a second.
                await server.connectionsClosed()
                #expect(await failure(transport, request, call()) == nil)
            }
        }
        #expect(server.connections == 2)
    }
}
