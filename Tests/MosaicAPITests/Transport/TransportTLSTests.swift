import Foundation
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `The HTTP transport's TLS`: TransportTests {
    let clock = TestClock()

    @Test(arguments: TransportKind.allCases)
    func `knows that a failed TLS handshake sent nothing`(kind: TransportKind) async throws {
        // Not TLS at all: the first bytes of the handshake are answered with text.
        let server = LoopbackServer(closesOnAccept: true) { _ in [] }
        let departures = Departures()
        try await server.run { port in
            try await withTransport(kind) { transport in
                let failed = await failure(transport, try post(port, secure: true), call(departures))
                #expect(failed?.mayHaveBeenSent == false)
                #expect([.tls, .connect, .reset].contains(failed?.reason))
            }
        }
        #expect(departures.count == 0)
    }

    @Test(arguments: TransportKind.allCases)
    func `ends at the deadline during the TLS handshake, with nothing sent`(kind: TransportKind) async throws {
        let server = LoopbackServer { _ in [] }
        let departures = Departures()
        // It runs in real time, and would be over first on a machine with too much to do.
        var configuration = TransportConfiguration()
        configuration.connectTimeout = .seconds(300)
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
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

    @Test(arguments: TransportKind.allCases)
    func `speaks TLS to a server whose authority is configured, and again on the same connection`(
        kind: TransportKind
    ) async throws {
        let certificate = try TestCertificate()
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(certificate.pem)
        let server = LoopbackServer(tls: try certificate.context()) { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
                for _ in 0..<3 { _ = try await transport.send(try post(port, secure: true), call: call()) }
            }
        }
        #expect(server.requests.count == 3)
        // A connection may come back to the pool a moment after the answer; without keep-alive there would be three.
        #expect(server.connections < 3)
    }

    @Test(arguments: TransportKind.allCases)
    func `refuses a server whose authority is not trusted, with nothing sent`(kind: TransportKind) async throws {
        let departures = Departures()
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(try TestCertificate().pem)
        for untrusting in [TransportConfiguration(), configuration] {
            let server = LoopbackServer(tls: try TestCertificate().context()) { _ in [.respond(200, "{}")] }
            try await server.run { port in
                try await withTransport(kind, untrusting) { transport in
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

    @Test(arguments: TransportKind.allCases)
    func `refuses a server that speaks TLS 1.1 only`(kind: TransportKind) async throws {
        let certificate = try TestCertificate()
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(certificate.pem)
        let old = try certificate.context(minimum: .tlsv1, maximum: .tlsv11)
        let server = LoopbackServer(tls: old) { _ in [.respond(200, "{}")] }
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
                let failed = await failure(transport, try post(port, secure: true), call())
                #expect(failed == TransportFailure(.tls, mayHaveBeenSent: false))
            }
        }
    }

    @Test(arguments: TransportKind.allCases, [nil, TLSVersion.tlsv12])
    func `shows its certificate to a server that asks for one`(kind: TransportKind, maximum: TLSVersion?) async throws {
        let authority = try TestIdentity("authority", isAuthority: true)
        let certificate = try TestCertificate()
        let server = LoopbackServer(
            tls: try certificate.context(maximum: maximum, clientAuthority: authority)
        ) { _ in [.respond(200, "{}")] }
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(certificate.pem)
        configuration.certificate = try TestIdentity(issuer: authority).clientCertificate()
        try await server.run { port in
            try await withTransport(kind, configuration) { transport in
                for _ in 0..<2 {
                    let response = try await transport.send(try post(port, secure: true), call: call())
                    #expect(response.status == 200)
                }
            }
        }
        #expect(server.requests.count == 2)
    }

    @Test(arguments: TransportKind.allCases, [nil, TLSVersion.tlsv12])
    func `knows that a server which refuses its certificate got nothing`(
        kind: TransportKind,
        maximum: TLSVersion?
    ) async throws {
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
                try await withTransport(kind, configuration) { transport in
                    let failed = await failure(transport, try post(port, secure: true), call())
                    #expect(failed == TransportFailure(.clientCertificate, mayHaveBeenSent: false))
                    #expect(failed.map(APIFailure.init)?.kind == .credentialRejected)
                }
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `refuses certificate authorities that are none`(kind: TransportKind) {
        var configuration = TransportConfiguration()
        configuration.trustRoots = .pem(Array("hello".utf8))
        #expect(throws: TransportConfigurationError.self) { try kind.make(configuration, clock: clock) }
        configuration.trustRoots = .pem([])
        #expect(throws: TransportConfigurationError.self) { try kind.make(configuration, clock: clock) }
    }

    @Test func `offers HTTP/1.1 and nothing else in the TLS handshake`() throws {
        #expect(try TransportConfiguration().tlsConfiguration().applicationProtocols == ["http/1.1"])
    }

    @Test func `does not wait for a server that leaves the close unanswered`() throws {
        #expect(try TransportConfiguration().tlsConfiguration().shutdownTimeout <= .milliseconds(100))
    }
}
