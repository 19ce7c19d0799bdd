import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// The transports, which are held to the same contract.
enum TransportKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// ``AsyncHTTPTransport``.
    case asyncHTTPClient = "async-http-client"
    /// ``PooledHTTPTransport``.
    case pooled

    var testDescription: String { rawValue }

    /// A transport of this kind.
    func make(
        _ configuration: TransportConfiguration,
        clock: TestClock
    ) throws(TransportConfigurationError) -> any HTTPTransport {
        switch self {
        case .asyncHTTPClient: try AsyncHTTPTransport(configuration, clock: clock)
        case .pooled: try PooledHTTPTransport(configuration, clock: clock)
        }
    }
}

/// A suite of tests of the HTTP transport over real sockets, with a clock that stands still.
protocol TransportTests {
    var clock: TestClock { get }
}

extension TransportTests {
    func url(_ port: Int, secure: Bool = false) throws -> ServiceURL {
        try ServiceURL("\(secure ? "https" : "http")://127.0.0.1:\(port)/x", allowInsecureHTTP: true)
    }

    func post(_ port: Int, secure: Bool = false, body: String = "secret body") throws -> UpstreamRequest {
        UpstreamRequest(
            .post,
            try url(port, secure: secure),
            authorization: .bearer(Secret("token")),
            body: .json(Secret(body))
        )
    }

    /// Runs `body` with a transport and shuts it down afterwards.
    func withTransport<Value>(
        _ kind: TransportKind,
        _ configuration: TransportConfiguration = TransportConfiguration(),
        _ body: (any HTTPTransport) async throws -> Value
    ) async throws -> Value {
        let transport = try kind.make(configuration, clock: clock)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(transport))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return try result.get()
    }

    func call(_ departures: Departures = Departures()) -> UpstreamCall {
        UpstreamCall(deadline: clock.now + .seconds(60)) { departures.depart() }
    }

    func failure(
        _ transport: any HTTPTransport,
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
}

/// Counts departures and answers them.
final class Departures: Sendable {
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
