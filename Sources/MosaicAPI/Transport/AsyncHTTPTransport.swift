import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import NIOPosix
import Secrets
import Synchronization

/// Talks to Mosaic over async-http-client, where a proxy is configured (else ``PooledHTTPTransport`` does): TLS 1.2 or newer, pooled connections, no redirects, no repetitions but of
/// requests that met a closed connection, of which nothing was written (see ``StaleConnectionGuard``).
///
/// HTTP/1.1 only, on purpose. There a connection carries one request at a time, so "was it sent?" has an answer per
/// connection, and a broken connection leaves one outcome in doubt. With HTTP/2 one lost connection would put every
/// login in flight in doubt at once, and async-http-client does not say which streams a GOAWAY left untouched.
///
/// It is given no logger: at trace level async-http-client writes out request heads and response parts, tokens included.
package final class AsyncHTTPTransport: HTTPTransport {
    private let client: HTTPClient
    private let limits: Limits
    private let userAgent: String
    private let clock: any AgentClock
    private let drain = Drain()

    /// Pooled connections that one request may find closed before that counts as its failure. A server that restarts closes
    /// all of them, and the event loops notice most by themselves.
    private static let maximumStale = 16

    struct Limits: Sendable {
        let bodyBytes: Int
        let headerBytes: Int
    }

    /// A transport with its own connection pool. ``shutdown()`` must be called before it goes away.
    ///
    /// - Parameters:
    ///   - configuration: Which authorities to trust, which way to go, how much to take.
    ///   - eventLoopGroup: The threads that do the work.
    ///   - clock: Measures deadlines.
    /// - Throws: ``TransportConfigurationError`` when the configured roots cannot be used.
    package init(
        _ configuration: TransportConfiguration,
        eventLoopGroup: MultiThreadedEventLoopGroup = .singleton,
        clock: any AgentClock = ContinuousClock()
    ) throws(TransportConfigurationError) {
        client = HTTPClient(
            eventLoopGroupProvider: .shared(eventLoopGroup),
            configuration: try configuration.clientConfiguration()
        )
        limits = Limits(bodyBytes: configuration.maximumBodyBytes, headerBytes: configuration.maximumHeaderBytes)
        userAgent = configuration.userAgent
        self.clock = clock
    }

    /// Sends a request and reads the whole response.
    package func send(
        _ request: UpstreamRequest,
        call: UpstreamCall
    ) async throws(TransportFailure) -> UpstreamResponse {
        guard drain.enter() else { throw TransportFailure(.shutDown, mayHaveBeenSent: false) }
        defer { drain.leave() }
        var stale = 0
        while true {
            let gate = CommitGate(willSend: { call.willSend() })
            let prepared = prepare(request, gate: gate)
            let result = await withDeadline(call.deadline, clock: clock) {
                await self.exchange(prepared, gate: gate, deadline: call.deadline)
            }
            guard let result else {
                throw TransportFailure(Task.isCancelled ? .cancelled : .deadline, mayHaveBeenSent: gate.close())
            }
            // Nothing was written, and the connection has left the pool.
            if case .failure(let failure) = result, failure.reason == .stale, stale < Self.maximumStale {
                stale += 1
                continue
            }
            return try result.get()
        }
    }

    /// Refuses new requests, waits for those in flight, which their deadlines bound, and closes all connections.
    package func shutdown() async {
        await drain.finish()
        // It fails only when it was shut down before.
        try? await client.shutdown()
    }

    /// One exchange; `nil` when its task was cancelled.
    private func exchange(
        _ request: HTTPClientRequest,
        gate: CommitGate,
        deadline: ContinuousClock.Instant
    ) async -> Result<UpstreamResponse, TransportFailure>? {
        do {
            // A request without a body has no pull to watch, so it departs here; the kind of a later error still
            // tells whether there ever was a connection.
            if request.body == nil, !gate.depart() { throw CommitRefused() }
            let response = try await respond(to: request, deadline: deadline)
            try checkSize(of: response.headers)
            return .success(
                UpstreamResponse(
                    status: Int(response.status.code),
                    authenticate: response.headers["WWW-Authenticate"],
                    retryAfter: response.headers.first(name: "Retry-After"),
                    date: response.headers.first(name: "Date"),
                    contentEncoding: response.headers.first(name: "Content-Encoding"),
                    body: try await read(response.body)
                )
            )
        } catch {
            let hasDeparted = gate.close()
            guard !Task.isCancelled else { return nil }
            return .failure(TransportFailure(error, hasDeparted: hasDeparted, hasBody: request.body != nil))
        }
    }

    /// Sends the request once there is a connection for it.
    ///
    /// When all connections are busy, the client lets a request wait only as long as the setting up of a connection may
    /// take, and gives it back untouched. Then it lines up again: how long a caller wants to wait is the caller's affair.
    private func respond(
        to request: HTTPClientRequest,
        deadline: ContinuousClock.Instant
    ) async throws -> HTTPClientResponse {
        while true {
            let remaining = max(clock.now.duration(to: deadline), .zero)
            do {
                return try await client.execute(request, timeout: TimeAmount(remaining))
            } catch let error as HTTPClientError where error == .getConnectionFromPoolTimeout {
                try Task.checkCancellation()
            }
        }
    }

    private func checkSize(of headers: HTTPHeaders) throws {
        let size = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard size <= limits.headerBytes else { throw OversizedResponse.headers }
    }

    /// Reads the body up to the limit; leaving early makes the client close the connection.
    private func read(_ body: HTTPClientResponse.Body) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in body {
            guard bytes.count + part.readableBytes <= limits.bodyBytes else { throw OversizedResponse.body }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    private func prepare(_ request: UpstreamRequest, gate: CommitGate) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: request.url.description)
        prepared.method = HTTPMethod(rawValue: request.method.rawValue)
        prepared.headers.add(name: "User-Agent", value: userAgent)
        prepared.headers.add(name: "Accept", value: "application/json")
        // Without this field any encoding would be welcome (RFC 9110, section 12.5.3).
        prepared.headers.add(name: "Accept-Encoding", value: "identity")
        switch request.authorization {
        case .none: break
        case .bearer(let token): prepared.headers.add(name: "Authorization", value: Self.headerValue("Bearer ", token))
        case .basic(let credentials):
            prepared.headers.add(name: "Authorization", value: Self.headerValue("Basic ", credentials))
        }
        if let body = request.body {
            prepared.headers.add(name: "Content-Type", value: body.mediaType)
            prepared.body = .stream(
                CommittingBody(gate: gate, bytes: body.bytes),
                length: .known(Int64(body.bytes.count))
            )
        }
        return prepared
    }

    /// The one place where a secret becomes a `String`: the HTTP client takes header values in no other form.
    private static func headerValue(_ scheme: String, _ secret: Secret) -> String {
        var bytes = Array(scheme.utf8)
        secret.withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        defer { bytes.wipe() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A response over one of the limits.
enum OversizedResponse: Error {
    case headers
    case body
}
