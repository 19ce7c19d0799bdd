import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `The HTTP transport`: TransportTests {
    let clock = TestClock()

    @Test(arguments: TransportKind.allCases)
    func `sends a request and brings the whole response`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in
            [.respond(401, #"{"a":1}"#, headers: ["WWW-Authenticate: Bearer x", "Retry-After: 5"])]
        }
        let departures = Departures()
        try await server.run { port in
            try await withTransport(kind) { transport in
                let response = try await transport.send(try post(port), call: call(departures))
                #expect(response.status == 401)
                #expect(response.body == Array(#"{"a":1}"#.utf8))
                #expect(response.authenticate == ["Bearer x"])
                #expect(response.retryAfter == "5")
            }
        }
        let request = try #require(server.requests.first)
        let lines = request.head.split(separator: "\r\n").map { $0.lowercased() }
        #expect(lines.first == "post /x http/1.1")
        #expect(lines.contains("authorization: bearer token"))
        #expect(lines.contains("content-type: application/json"))
        #expect(lines.contains("content-length: 11"))
        #expect(lines.contains("user-agent: mosaicd"))
        #expect(request.body == "secret body")
        #expect(departures.count == 1)
    }

    @Test(arguments: TransportKind.allCases)
    func `uses a connection again`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                for _ in 0..<5 { _ = try await transport.send(try post(port), call: call()) }
                _ = try await transport.send(UpstreamRequest(.get, try url(port)), call: call())
            }
        }
        #expect(server.requests.count == 6)
        // A connection may come back to the pool a moment after the answer; without keep-alive there would be six.
        #expect(server.connections < 6)
    }

    @Test(arguments: TransportKind.allCases)
    func `follows no redirect`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [.respond(307, "", headers: ["Location: /elsewhere"])] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let value1 = try await transport.send(try post(port), call: call()).status
                #expect(value1 == 307)
                let value2 = try await transport.send(UpstreamRequest(.get, try url(port)), call: call()).status
                #expect(value2 == 307)
            }
        }
        #expect(server.requests.count == 2)
    }

    @Test(arguments: TransportKind.allCases)
    func `knows that a refused connection sent nothing`(kind: TransportKind) async throws {
        // No port of those that other tests are given, and nobody serves the protocol that it belongs to (RFC 1078).
        let port = 1
        let departures = Departures()
        try await withTransport(kind) { transport in
            let failed = await failure(transport, try post(port), call(departures))
            #expect(failed == TransportFailure(.connect, mayHaveBeenSent: false))
            let failedGet = await failure(transport, UpstreamRequest(.get, try url(port)), call())
            #expect(failedGet == TransportFailure(.connect, mayHaveBeenSent: false))
        }
        #expect(departures.count == 0)
    }

    @Test(arguments: TransportKind.allCases)
    func `sends nothing after the caller's last word was no`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        let departures = Departures(allows: false)
        try await server.run { port in
            try await withTransport(kind) { transport in
                let failed = await failure(transport, try post(port), call(departures))
                #expect(failed == TransportFailure(.aborted, mayHaveBeenSent: false))
                let failedGet = await failure(transport, UpstreamRequest(.get, try url(port)), call(departures))
                #expect(failedGet == TransportFailure(.aborted, mayHaveBeenSent: false))
            }
        }
        #expect(departures.count == 2)
        #expect(server.requests.isEmpty)
        #expect(!server.received.contains("secret body"))
    }

    @Test(arguments: TransportKind.allCases, [LoopbackServer.Step.close, .reset])
    func `does not know what became of a request on a connection that broke`(
        kind: TransportKind,
        step: LoopbackServer.Step
    ) async throws {
        let server = LoopbackServer { _ in [step] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.reset, mayHaveBeenSent: true))
                // Without a body there is no pull to watch; what is not known must not be taken for not sent.
                let failedDelete = await failure(transport, UpstreamRequest(.delete, try url(port)), call())
                #expect(failedDelete == TransportFailure(.reset, mayHaveBeenSent: true))
            }
        }
    }

    @Test(arguments: TransportKind.allCases, [LoopbackServer.Step.close, .reset])
    func `fails when the connection breaks in the middle of a body`(
        kind: TransportKind,
        step: LoopbackServer.Step
    ) async throws {
        let server = LoopbackServer { _ in [.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), step] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed?.mayHaveBeenSent == true)
                #expect([.reset, .malformed].contains(failed?.reason))
            }
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `ends at the deadline while the response does not come`(kind: TransportKind) async throws {
        try await deadlinePasses(kind, during: [])
    }

    @Test(arguments: TransportKind.allCases)
    func `ends at the deadline in the middle of a slow body`(kind: TransportKind) async throws {
        try await deadlinePasses(kind, during: [.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")])
    }

    private func deadlinePasses(_ kind: TransportKind, during steps: [LoopbackServer.Step]) async throws {
        let server = LoopbackServer { _ in steps }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let request = try post(port)
                async let failed = failure(transport, request, call())
                _ = await clock.nextTimerScheduled()
                await server.requestArrived()
                clock.advance(by: .seconds(60))
                #expect(await failed == TransportFailure(.deadline, mayHaveBeenSent: true))
            }
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `says what is known when its task is cancelled`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let request = try post(port)
                await withTaskGroup(of: TransportFailure?.self) { group in
                    group.addTask { await failure(transport, request, call()) }
                    await server.requestArrived()
                    group.cancelAll()
                    #expect(await group.next() == TransportFailure(.cancelled, mayHaveBeenSent: true))
                }
            }
        }
    }

    @Test(arguments: TransportKind.allCases, [true, false])
    func `refuses a body over the limit`(kind: TransportKind, statesLength: Bool) async throws {
        var configuration = TransportConfiguration()
        configuration.maximumBodyBytes = 1000
        let body = String(repeating: "x", count: 1001)
        let server = LoopbackServer { _ in
            statesLength
                ? [.respond(200, body)]
                : [.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n\(body)\r\n0\r\n\r\n")]
        }
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.bodyTooLarge, mayHaveBeenSent: true))
            }
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `takes a body at the limit`(kind: TransportKind) async throws {
        var configuration = TransportConfiguration()
        configuration.maximumBodyBytes = 1000
        let server = LoopbackServer { _ in [.respond(200, String(repeating: "x", count: 1000))] }
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
                let value3 = try await transport.send(try post(port), call: call()).body.count
                #expect(value3 == 1000)
            }
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `refuses headers over the limit`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in
            [.respond(200, "{}", headers: (0..<20).map { "X-\($0): \(String(repeating: "y", count: 4000))" })]
        }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.headersTooLarge, mayHaveBeenSent: true))
            }
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `refuses what is not HTTP`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [.write("ssh-2.0 hello\r\n\r\n")] }
        try await server.run { port in
            try await withTransport(kind) { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.malformed, mayHaveBeenSent: true))
            }
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `waits for requests in flight when it is shut down, and takes no new ones`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [] }
        try await server.run { port in
            let transport = try kind.make(TransportConfiguration(), clock: clock)
            let request = try post(port)
            async let failed = failure(transport, request, call())
            _ = await clock.nextTimerScheduled()
            await server.requestArrived()
            async let closed: Void = transport.shutdown()
            clock.advance(by: .seconds(60))
            #expect(await failed?.reason == .deadline)
            await closed
            #expect(await failure(transport, request, call()) == TransportFailure(.shutDown, mayHaveBeenSent: false))
        }
    }
}
