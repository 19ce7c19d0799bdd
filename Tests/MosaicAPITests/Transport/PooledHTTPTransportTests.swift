import NIOCore
import NIOPosix
import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `The transport with a pool for each event loop`: TransportTests {
    let clock = TestClock()

    private func exchange(
        _ port: Int,
        body: String,
        uid: UInt32,
        caller: UInt64 = 0
    ) throws -> (UpstreamRequest, UpstreamCall) {
        (try post(port, body: body), UpstreamCall(deadline: clock.now + .seconds(60), uid: uid, connection: caller))
    }

    /// Answers all requests but those whose body begins with `slow`.
    private static func server() -> LoopbackServer {
        LoopbackServer { $0.body.hasPrefix("slow") ? [] : [.respond(200, "{}")] }
    }

    private static func configuration(connections: Int) -> TransportConfiguration {
        var configuration = TransportConfiguration()
        configuration.maximumConnections = connections
        return configuration
    }

    @Test func `lets no uid keep another one waiting, however many of its requests are not answered`() async throws {
        let server = Self.server()
        try await server.run { port in
            try await withTransport(.pooled, Self.configuration(connections: 16)) { transport in
                try await withThrowingTaskGroup(of: TransportFailure?.self) { group in
                    for number in 0..<600 {
                        let (request, call) = try exchange(
                            port,
                            body: "slow \(number)",
                            uid: 7,
                            caller: UInt64(number % 5)
                        )
                        group.addTask { await failure(transport, request, call) }
                    }
                    // Half of what is not root's.
                    await server.requestsArrived(6)
                    for number in 0..<20 {
                        let (request, call) = try exchange(port, body: "quick \(number)", uid: 8)
                        #expect(await failure(transport, request, call) == nil)
                    }
                    let (request, call) = try exchange(port, body: "root's", uid: 0)
                    #expect(await failure(transport, request, call) == nil)
                    #expect(server.requests.count { $0.body.hasPrefix("slow") } == 6)
                    group.cancelAll()
                    var sent = 0
                    for try await failed in group {
                        #expect(failed?.reason == .cancelled)
                        if failed?.mayHaveBeenSent == true { sent += 1 }
                    }
                    #expect(sent == 6)
                }
                await server.closeConnections()
                // All places are free again.
                try await withThrowingTaskGroup(of: TransportFailure?.self) { group in
                    for number in 0..<12 {
                        let (request, call) = try exchange(port, body: "again \(number)", uid: 9)
                        group.addTask { await failure(transport, request, call) }
                    }
                    for try await failed in group { #expect(failed == nil) }
                }
            }
        }
    }

    @Test func `says that a request which waited until its deadline was not sent`() async throws {
        let server = Self.server()
        try await server.run { port in
            try await withTransport(.pooled, Self.configuration(connections: 1)) { transport in
                let (slow, _) = try exchange(port, body: "slow", uid: 7)
                async let first = failure(transport, slow, UpstreamCall(deadline: clock.now + .seconds(60), uid: 7))
                await server.requestArrived()
                let (request, _) = try exchange(port, body: "waits", uid: 7)
                async let second = failure(transport, request, UpstreamCall(deadline: clock.now + .seconds(20), uid: 7))
                while await clock.nextTimerScheduled() > clock.now + .seconds(20) {}
                clock.advance(by: .seconds(20))
                #expect(await second == TransportFailure(.deadline, mayHaveBeenSent: false))
                clock.advance(by: .seconds(40))
                #expect(await first == TransportFailure(.deadline, mayHaveBeenSent: true))
            }
        }
        #expect(server.requests.map(\.body) == ["slow"])
    }

    @Test(arguments: [true, false])
    func `never takes bytes that nobody asked for as the answer to the next request`(comeAtOnce: Bool) async throws {
        let wrong = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        let server = LoopbackServer { request in
            guard request.body == "first" else { return [.respond(200, "2")] }
            return comeAtOnce ? [.write(first + wrong)] : [.write(first), .write(wrong)]
        }
        // One loop: both requests meet the same pool.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await server.run { port in
            let transport = try PooledHTTPTransport(TransportConfiguration(), eventLoopGroup: group, clock: clock)
            for (body, answer) in [("first", "1"), ("second", "2")] {
                let response = try await transport.send(try post(port, body: body), call: call())
                #expect(String(decoding: response.body, as: UTF8.self) == answer)
                // Bytes that come later than the next request could be its answer; these are there before.
                if body == "first" { await server.connectionsClosed() }
            }
            await transport.shutdown()
        }
        #expect(server.connections == 2)
        try await group.shutdownGracefully()
    }

    @Test func `writes each request whole, and with the token that belongs to it`() async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await server.run { port in
            let transport = try PooledHTTPTransport(TransportConfiguration(), eventLoopGroup: group, clock: clock)
            let url = try url(port)
            // As many tokens and paths as are kept, and more, twice in turn.
            for round in 0..<2 {
                for number in 0..<20 {
                    let path = url.appending(path: "p\(number % 3)").appending(path: "q\(number)")
                    for token in ["a\(number)", "b\(number)", "a\(number)"] {
                        let request = UpstreamRequest(
                            .post,
                            path,
                            authorization: .bearer(Secret(token)),
                            body: .json(Secret("\(token) \(round)")),
                            sharesHead: true
                        )
                        _ = try await transport.send(request, call: call())
                    }
                }
            }
            _ = try await transport.send(UpstreamRequest(.post, url), call: call())
            _ = try await transport.send(UpstreamRequest(.delete, url.appending(query: [("a", [0x20])])), call: call())
            await transport.shutdown()
            for request in server.requests.dropLast(2) {
                let fields = Dictionary(uniqueKeysWithValues: request.fields)
                let token = String(request.body.prefix { $0 != " " })
                #expect(fields["authorization"] == "Bearer \(token)")
                #expect(fields["content-length"] == "\(request.body.utf8.count)")
                #expect(request.line.hasSuffix("/q\(token.dropFirst()) HTTP/1.1"))
                #expect(
                    fields.keys.sorted() == [
                        "accept", "accept-encoding", "authorization", "content-length", "content-type", "host",
                        "user-agent",
                    ]
                )
                #expect(fields["host"] == "127.0.0.1:\(port)")
            }
            #expect(server.requests.count == 122)
            let bodyless = server.requests.suffix(2).map { Dictionary(uniqueKeysWithValues: $0.fields) }
            #expect(bodyless.first?["content-length"] == "0")
            #expect(bodyless.last?["content-length"] == nil)
            #expect(server.requests.last?.line == "DELETE /x?a=%20 HTTP/1.1")
        }
        try await group.shutdownGracefully()
    }

    @Test func `takes no request for another one that differs in anything but the body`() async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let token = Secret("token")
        try await server.run { port in
            let transport = try PooledHTTPTransport(TransportConfiguration(), eventLoopGroup: group, clock: clock)
            let url = try url(port)
            let queries = [url, url.appending(query: [("q", [0x61])]), url.appending(query: [("q", [0x62])]), url]
            let bodies: [UpstreamRequest.Body?] = [nil, .json(Secret("1")), .form(Secret("a=b")), nil]
            for method in [UpstreamRequest.Method.get, .post, .put, .delete] {
                for (url, query) in zip(queries, ["/x", "/x?q=a", "/x?q=b", "/x"]) {
                    for body in bodies {
                        let count = server.requests.count
                        let request = UpstreamRequest(
                            method,
                            url,
                            authorization: .bearer(token),
                            body: body,
                            sharesHead: true
                        )
                        _ = try await transport.send(request, call: call())
                        let seen = server.requests[count]
                        let fields = Dictionary(uniqueKeysWithValues: seen.fields)
                        #expect(seen.line == "\(method.rawValue) \(query) HTTP/1.1")
                        #expect(fields["content-type"] == body?.mediaType)
                        let expectsLength = body != nil || method == .post || method == .put
                        #expect(fields["content-length"] == (expectsLength ? "\(body?.bytes.count ?? 0)" : nil))
                    }
                }
            }
            await transport.shutdown()
        }
        try await group.shutdownGracefully()
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "a\u{0}", "\u{E9}"])
    func `sends no token that cannot stand in a field`(token: String) async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(.pooled) { transport in
                let request = UpstreamRequest(.get, try url(port), authorization: .bearer(Secret(token)))
                #expect(
                    await failure(transport, request, call()) == TransportFailure(.malformed, mayHaveBeenSent: false)
                )
                // The connection is as good as before.
                #expect(await failure(transport, try post(port), call()) == nil)
            }
        }
        #expect(server.requests.count == 1)
    }

    @Test func `lets all that wait fail when a host does not answer, and goes on when it does`() async throws {
        let server = LoopbackServer(closesOnAccept: true) { _ in [] }
        try await server.run { port in
            try await withTransport(.pooled) { transport in
                try await withThrowingTaskGroup(of: TransportFailure?.self) { group in
                    for number in 0..<200 {
                        let request = try post(port, secure: true, body: "\(number)")
                        let call = UpstreamCall(deadline: clock.now + .seconds(60), uid: UInt32(number % 4))
                        group.addTask { await failure(transport, request, call) }
                    }
                    for try await failed in group { #expect(failed?.mayHaveBeenSent == false) }
                }
            }
        }
    }
}
