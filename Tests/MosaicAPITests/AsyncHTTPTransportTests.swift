import Foundation
import NIOSSL
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.patient)
struct `The HTTP transport` {
    private let clock = TestClock()

    private func url(_ port: Int, secure: Bool = false) throws -> ServiceURL {
        try ServiceURL("\(secure ? "https" : "http")://127.0.0.1:\(port)/x", allowInsecureHTTP: true)
    }

    private func post(_ port: Int, secure: Bool = false, body: String = "secret body") throws -> UpstreamRequest {
        UpstreamRequest(
            .post,
            try url(port, secure: secure),
            authorization: .bearer(Secret("token")),
            body: .json(Secret(body))
        )
    }

    /// Runs `body` with a transport and shuts it down afterwards.
    private func withTransport<Value>(
        _ configuration: TransportConfiguration = TransportConfiguration(),
        _ body: (AsyncHTTPTransport) async throws -> Value
    ) async throws -> Value {
        let transport = try AsyncHTTPTransport(configuration, clock: clock)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(transport))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return try result.get()
    }

    private func call(_ departures: Departures = Departures()) -> UpstreamCall {
        UpstreamCall(deadline: clock.now + .seconds(60)) { departures.depart() }
    }

    /// Counts departures and answers them.
    private final class Departures: Sendable {
        private let counter = Mutex(0)
        let allows: Bool

        init(allows: Bool = true) {
            self.allows = allows
        }

        var count: Int { counter.withLock { $0 } }

        func depart() -> Bool {
            counter.withLock { $0 += 1 }
            return allows
        }
    }

    private func failure(
        _ transport: AsyncHTTPTransport,
        _ request: UpstreamRequest,
        _ call: UpstreamCall
    ) async -> TransportFailure? {
        do throws(TransportFailure) {
            _ = try await transport.send(request, call: call)
            return nil
        } catch {
            return error
        }
    }

    @Test func `sends a request and brings the whole response`() async throws {
        let server = LoopbackServer { _ in
            [.respond(401, #"{"a":1}"#, headers: ["WWW-Authenticate: Bearer x", "Retry-After: 5"])]
        }
        let departures = Departures()
        try await server.run { port in
            try await withTransport { transport in
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

    @Test func `uses a connection again`() async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport { transport in
                for _ in 0..<5 { _ = try await transport.send(try post(port), call: call()) }
                _ = try await transport.send(UpstreamRequest(.get, try url(port)), call: call())
            }
        }
        #expect(server.requests.count == 6)
        #expect(server.connections == 1)
    }

    @Test func `follows no redirect`() async throws {
        let server = LoopbackServer { _ in [.respond(307, "", headers: ["Location: /elsewhere"])] }
        try await server.run { port in
            try await withTransport { transport in
                let value1 = try await transport.send(try post(port), call: call()).status
                #expect(value1 == 307)
                let value2 = try await transport.send(UpstreamRequest(.get, try url(port)), call: call()).status
                #expect(value2 == 307)
            }
        }
        #expect(server.requests.count == 2)
    }

    @Test func `knows that a refused connection sent nothing`() async throws {
        // A port that was just free, with nobody listening on it any more.
        let port = try await LoopbackServer { _ in [] }.run { $0 }
        let departures = Departures()
        try await withTransport { transport in
            let failed = await failure(transport, try post(port), call(departures))
            #expect(failed == TransportFailure(.connect, mayHaveBeenSent: false))
            let failedGet = await failure(transport, UpstreamRequest(.get, try url(port)), call())
            #expect(failedGet == TransportFailure(.connect, mayHaveBeenSent: false))
        }
        #expect(departures.count == 0)
    }

    @Test func `knows that a failed TLS handshake sent nothing`() async throws {
        // Not TLS at all: the first bytes of the handshake are answered with text.
        let server = LoopbackServer(closesOnAccept: true) { _ in [] }
        let departures = Departures()
        try await server.run { port in
            try await withTransport { transport in
                let failed = await failure(transport, try post(port, secure: true), call(departures))
                #expect(failed?.mayHaveBeenSent == false)
                #expect([.tls, .connect, .reset].contains(failed?.reason))
            }
        }
        #expect(departures.count == 0)
    }

    @Test func `sends nothing after the caller's last word was no`() async throws {
        let server = LoopbackServer { _ in [.respond(200, "{}")] }
        let departures = Departures(allows: false)
        try await server.run { port in
            try await withTransport { transport in
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

    @Test(arguments: [LoopbackServer.Step.close, .reset])
    func `does not know what became of a request on a connection that broke`(step: LoopbackServer.Step) async throws {
        let server = LoopbackServer { _ in [step] }
        try await server.run { port in
            try await withTransport { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.reset, mayHaveBeenSent: true))
                // Without a body there is no pull to watch; what is not known must not be taken for not sent.
                let failedDelete = await failure(transport, UpstreamRequest(.delete, try url(port)), call())
                #expect(failedDelete == TransportFailure(.reset, mayHaveBeenSent: true))
            }
        }
    }

    @Test(arguments: [LoopbackServer.Step.close, .reset])
    func `fails when the connection breaks in the middle of a body`(step: LoopbackServer.Step) async throws {
        let server = LoopbackServer { _ in [.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), step] }
        try await server.run { port in
            try await withTransport { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed?.mayHaveBeenSent == true)
                #expect([.reset, .malformed].contains(failed?.reason))
            }
        }
    }

    @Test func `ends at the deadline while the response does not come`() async throws {
        try await deadlinePasses(during: [])
    }

    @Test func `ends at the deadline in the middle of a slow body`() async throws {
        try await deadlinePasses(during: [.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")])
    }

    private func deadlinePasses(during steps: [LoopbackServer.Step]) async throws {
        let server = LoopbackServer { _ in steps }
        try await server.run { port in
            try await withTransport { transport in
                let request = try post(port)
                async let failed = failure(transport, request, call())
                _ = await clock.nextTimerScheduled()
                await server.requestArrived()
                clock.advance(by: .seconds(60))
                #expect(await failed == TransportFailure(.deadline, mayHaveBeenSent: true))
            }
        }
    }

    @Test func `ends at the deadline during the TLS handshake, with nothing sent`() async throws {
        let server = LoopbackServer { _ in [] }
        let departures = Departures()
        // It runs in real time, and would be over first on a machine with too much to do.
        var configuration = TransportConfiguration()
        configuration.connectTimeout = .seconds(300)
        try await server.run { port in
            try await withTransport(configuration) { transport in
                let request = try post(port, secure: true)
                let call = call(departures)
                async let failed = failure(transport, request, call)
                _ = await clock.nextTimerScheduled()
                await server.bytesArrived()
                clock.advance(by: .seconds(60))
                #expect(await failed == TransportFailure(.deadline, mayHaveBeenSent: false))
                // Else the shutdown would wait, in real time, for the handshake to time out.
                await server.closeConnections()
            }
        }
        #expect(departures.count == 0)
    }

    @Test func `says what is known when its task is cancelled`() async throws {
        let server = LoopbackServer { _ in [] }
        try await server.run { port in
            try await withTransport { transport in
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

    @Test(arguments: [true, false])
    func `refuses a body over the limit`(statesLength: Bool) async throws {
        var configuration = TransportConfiguration()
        configuration.maximumBodyBytes = 1000
        let body = String(repeating: "x", count: 1001)
        let server = LoopbackServer { _ in
            statesLength
                ? [.respond(200, body)]
                : [.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n\(body)\r\n0\r\n\r\n")]
        }
        try await server.run { port in
            try await withTransport(configuration) { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.bodyTooLarge, mayHaveBeenSent: true))
            }
        }
    }

    @Test func `takes a body at the limit`() async throws {
        var configuration = TransportConfiguration()
        configuration.maximumBodyBytes = 1000
        let server = LoopbackServer { _ in [.respond(200, String(repeating: "x", count: 1000))] }
        try await server.run { port in
            try await withTransport(configuration) { transport in
                let value3 = try await transport.send(try post(port), call: call()).body.count
                #expect(value3 == 1000)
            }
        }
    }

    @Test func `refuses headers over the limit`() async throws {
        let server = LoopbackServer { _ in
            [.respond(200, "{}", headers: (0..<20).map { "X-\($0): \(String(repeating: "y", count: 4000))" })]
        }
        try await server.run { port in
            try await withTransport { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.headersTooLarge, mayHaveBeenSent: true))
            }
        }
    }

    @Test func `refuses what is not HTTP`() async throws {
        let server = LoopbackServer { _ in [.write("ssh-2.0 hello\r\n\r\n")] }
        try await server.run { port in
            try await withTransport { transport in
                let failed = await failure(transport, try post(port), call())
                #expect(failed == TransportFailure(.malformed, mayHaveBeenSent: true))
            }
        }
    }

    @Test func `speaks TLS to a server whose authority is configured, and again on the same connection`() async throws {
        let certificate = try TestCertificate()
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(certificate.pem)
        let server = LoopbackServer(tls: try certificate.context()) { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(configuration) { transport in
                for _ in 0..<3 { _ = try await transport.send(try post(port, secure: true), call: call()) }
            }
        }
        #expect(server.requests.count == 3)
        #expect(server.connections == 1)
    }

    @Test func `refuses a server whose authority is not trusted, with nothing sent`() async throws {
        let departures = Departures()
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(try TestCertificate().pem)
        for untrusting in [TransportConfiguration(), configuration] {
            let server = LoopbackServer(tls: try TestCertificate().context()) { _ in [.respond(200, "{}")] }
            try await server.run { port in
                try await withTransport(untrusting) { transport in
                    let failed = await failure(transport, try post(port, secure: true), call(departures))
                    #expect(failed == TransportFailure(.tls, mayHaveBeenSent: false))
                    let delete = UpstreamRequest(.delete, try url(port, secure: true))
                    let failedDelete = await failure(transport, delete, call())
                    #expect(failedDelete == TransportFailure(.tls, mayHaveBeenSent: false))
                }
            }
        }
        #expect(departures.count == 0)
    }

    @Test func `refuses a server that speaks TLS 1.1 only`() async throws {
        let certificate = try TestCertificate()
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(certificate.pem)
        let old = try certificate.context(minimum: .tlsv1, maximum: .tlsv11)
        let server = LoopbackServer(tls: old) { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(configuration) { transport in
                let failed = await failure(transport, try post(port, secure: true), call())
                #expect(failed == TransportFailure(.tls, mayHaveBeenSent: false))
            }
        }
    }

    @Test(arguments: [nil, TLSVersion.tlsv12])
    func `shows its certificate to a server that asks for one`(maximum: TLSVersion?) async throws {
        let authority = try TestIdentity("authority", isAuthority: true)
        let certificate = try TestCertificate()
        let server = LoopbackServer(
            tls: try certificate.context(maximum: maximum, clientAuthority: authority)
        ) { _ in [.respond(200, "{}")] }
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(certificate.pem)
        configuration.certificate = try TestIdentity(issuer: authority).clientCertificate()
        try await server.run { port in
            try await withTransport(configuration) { transport in
                for _ in 0..<2 {
                    let response = try await transport.send(try post(port, secure: true), call: call())
                    #expect(response.status == 200)
                }
            }
        }
        #expect(server.connections == 1)
    }

    @Test(arguments: [nil, TLSVersion.tlsv12])
    func `knows that a server which refuses its certificate got nothing`(maximum: TLSVersion?) async throws {
        let authority = try TestIdentity("authority", isAuthority: true)
        let certificate = try TestCertificate()
        let expired = try TestIdentity(issuer: authority, end: Date().addingTimeInterval(-60))
        // With TLS 1.2 a missing certificate is a failed handshake like any other.
        let refused = [try TestIdentity(), expired].map(Optional.some) + (maximum == nil ? [nil] : [])
        for identity in refused {
            var configuration = TransportConfiguration()
            configuration.trustRoots = .pem(certificate.pem)
            configuration.certificate = try identity?.clientCertificate()
            let server = LoopbackServer(
                tls: try certificate.context(maximum: maximum, clientAuthority: authority)
            ) { _ in [.respond(200, "{}")] }
            try await server.run { port in
                try await withTransport(configuration) { transport in
                    let failed = await failure(transport, try post(port, secure: true), call())
                    #expect(failed == TransportFailure(.clientCertificate, mayHaveBeenSent: false))
                    #expect(failed.map(APIFailure.init)?.kind == .credentialRejected)
                }
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `waits for requests in flight when it is shut down, and takes no new ones`() async throws {
        let server = LoopbackServer { _ in [] }
        try await server.run { port in
            let transport = try AsyncHTTPTransport(TransportConfiguration(), clock: clock)
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

    @Test func `refuses certificate authorities that are none`() {
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(Array("hello".utf8))
        #expect(throws: TransportConfigurationError.self) { try AsyncHTTPTransport(configuration) }
        configuration.trustRoots = .pem([])
        #expect(throws: TransportConfigurationError.self) { try AsyncHTTPTransport(configuration) }
    }
}

struct `The departure gate` {
    @Test func `departs once and then counts as sent`() {
        let gate = DepartureGate { true }
        #expect(gate.depart())
        #expect(!gate.depart())
        #expect(gate.close())
    }

    @Test func `does not depart after it was closed, and does not ask the caller then`() {
        let asked = Flag(false)
        let gate = DepartureGate {
            asked.set(true)
            return true
        }
        #expect(!gate.close())
        #expect(!gate.depart())
        #expect(!asked.value)
    }

    @Test func `does not depart when the caller says no`() {
        let gate = DepartureGate { false }
        #expect(!gate.depart())
        #expect(!gate.close())
    }
}
