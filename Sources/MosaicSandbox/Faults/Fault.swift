import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Something that goes wrong on purpose.
///
/// The JSON form is that of `POST /_sandbox/faults`:
///
/// | member | meaning |
/// |---|---|
/// | `endpoints` | required; endpoint numbers (`E17`), classes (`token`, `keys`, `password`, `users`) or `*` |
/// | `action` | required; see ``Action`` |
/// | `status` | for `status` and `edge`: the HTTP status, 400–599; defaults 500 and 502 |
/// | `shape` | for `status`: `A`–`F` of contract 3.7, or a shape outside the contract, see ``Shape``; default `B` |
/// | `code` | for `status` with shape D or F: the code; default `system_error` or `server_error` |
/// | `message` | for `status`: the message |
/// | `challenges` | for `status` and `edge`: an array of `WWW-Authenticate` fields |
/// | `retry_after` | seconds for the `Retry-After` header, on `status` and `edge` |
/// | `kind` | for `unauthorized`: `bearer`, `symbolic` or `bare` |
/// | `latency_ms` | milliseconds to wait before anything else; for `slow_body` the time the body takes |
/// | `phase` | `before` (default: the request has no effect) or `after` (it has its effect, then the answer is replaced) |
/// | `count` | how many requests it hits before it goes away; default: until cleared |
/// | `probability` | the share of requests that it hits, over 0 and up to 1; default: all. One that it misses meets the next fault |
package struct Fault: Sendable, Codable, Equatable {
    /// What happens.
    package enum Action: String, Sendable, Codable, CaseIterable {
        /// Answers with a status and an error body.
        case status
        /// Only waits, then serves the request.
        case latency
        /// Cuts the connection without an answer.
        case reset
        /// Serves the request, but sends the body in small pieces over `latency_ms`.
        case slowBody = "slow_body"
        /// Answers 401 in one of three kinds.
        case unauthorized
        /// Answers as an edge server would, with HTML.
        case edge
        /// Answers 200 with a body that is no JSON.
        case malformed
    }

    /// The three kinds of 401 that one status stands for.
    package enum UnauthorizedKind: String, Sendable, Codable, CaseIterable {
        /// With `WWW-Authenticate: Bearer error="invalid_token"`: the client's token is dead.
        case bearer
        /// With `error_code` `auth_invalid_credentials`: the user's credentials are wrong.
        case symbolic
        /// With neither.
        case bare
    }

    /// The error shapes of contract 3.7, and those that something between client and endpoint answers with.
    package enum Shape: String, Sendable, Codable, CaseIterable {
        case arrayLegacy = "A"
        case scalarLegacy = "B"
        case digits = "C"
        case symbolic = "D"
        case conflict = "E"
        case oauth = "F"
        /// No body.
        case none
        /// Plain text.
        case text
        /// JSON that breaks off.
        case truncated
        /// JSON objects, 50,000 in one another.
        case deep
        /// A JSON array.
        case array
        /// A JSON number.
        case scalar
        /// `{"message": …}`, without a code.
        case bare
        /// `{"statusCode": …, "message": …}`, as gateways say it.
        case gateway
    }

    /// Whether the request takes effect.
    package enum Phase: String, Sendable, Codable, CaseIterable {
        case before
        case after
    }

    /// Assigned when it is added.
    package var id: Int?
    package var endpoints: [String]
    package var action: Action
    package var status: Int?
    package var shape: Shape?
    package var code: String?
    package var message: String?
    package var challenges: [String]?
    package var retryAfter: Int?
    package var kind: UnauthorizedKind?
    package var latencyMilliseconds: Int?
    package var phase: Phase?
    package var count: Int?
    package var probability: Double?

    enum CodingKeys: String, CodingKey {
        case id, endpoints, action, status, shape, code, message, challenges, kind, phase, count, probability
        case retryAfter = "retry_after"
        case latencyMilliseconds = "latency_ms"
    }

    package init(endpoints: [String], action: Action) {
        self.endpoints = endpoints
        self.action = action
    }
}

extension Fault {
    /// Whether it concerns that endpoint.
    package func concerns(_ endpoint: Endpoint) -> Bool {
        endpoints.contains { $0 == "*" || $0 == endpoint.rawValue || $0 == endpoint.class.rawValue }
    }

    /// What is wrong with it, one sentence per member; empty when it can be used.
    package var problems: [String] {
        var problems: [String] = []
        if endpoints.isEmpty { problems.append("endpoints must name at least one endpoint, class or *") }
        for name in endpoints {
            let isKnown =
                name == "*" || Endpoint(rawValue: name) != nil || Endpoint.Class(rawValue: name) != nil
            if !isKnown {
                let known = Endpoint.allCases.map(\.rawValue) + Endpoint.Class.allCases.map(\.rawValue)
                problems.append("endpoints: \(name) is not one of *, \(known.joined(separator: ", "))")
            }
        }
        if let status, !(400...599).contains(status) { problems.append("status must be between 400 and 599") }
        if let latencyMilliseconds, !(0...600_000).contains(latencyMilliseconds) {
            problems.append("latency_ms must be between 0 and 600000")
        }
        if (action == .latency || action == .slowBody) && latencyMilliseconds == nil {
            problems.append("latency_ms is required for \(action.rawValue)")
        }
        if action == .unauthorized && kind == nil {
            problems.append("kind is required for unauthorized: bearer, symbolic or bare")
        }
        if let count, count < 1 { problems.append("count must be at least 1") }
        if let probability, !(probability > 0 && probability <= 1) {
            problems.append("probability must be over 0 and at most 1")
        }
        if let retryAfter, retryAfter < 0 { problems.append("retry_after must not be negative") }
        return problems
    }
}

extension Fault {
    /// The answer that replaces the endpoint's own; nil for actions that leave it.
    var replacement: Response? {
        switch action {
        case .latency, .slowBody, .reset: return nil
        case .status: return withHeaders(foreignResponse ?? statusReply.response)
        case .unauthorized: return unauthorizedReply.response
        case .edge:
            let status = status ?? 502
            return withHeaders(
                Self.text(
                    status: status,
                    type: "text/html; charset=UTF-8",
                    "<html>\r\n<head><title>\(status)</title></head>\r\n<body>\r\n<center><h1>\(status)</h1></center>\r\n</body>\r\n</html>\r\n"
                )
            )
        case .malformed: return Self.text(status: 200, type: "application/json", "{\"access_token\": \"trunc")
        }
    }

    private var statusReply: Reply {
        let status = status ?? 500
        let message = message ?? "Fault on demand"
        switch shape ?? .scalarLegacy {
        case .arrayLegacy: return Reply(.messages(status, [message]))
        case .scalarLegacy: return Reply(.message(status, message))
        case .digits: return Reply(.digits(status, message))
        case .symbolic:
            return Reply(status, ["error_code": .string(code ?? "system_error"), "message": .string(message)])
        case .conflict:
            return Reply(
                status,
                [
                    "error_code": .integer(Int64(status)), "message": .string(message),
                    "ts_error_code": .string(code ?? "conflict"),
                ]
            )
        case .oauth: return Reply(.oauth(status, code ?? "server_error", message))
        case .none, .text, .truncated, .deep, .array, .scalar: return Reply(status: status, body: nil)
        case .bare: return Reply(status, ["message": .string(message)])
        case .gateway: return Reply(status, ["statusCode": .integer(Int64(status)), "message": .string(message)])
        }
    }

    /// The answer in a shape that is no JSON object.
    private var foreignResponse: Response? {
        let status = status ?? 500
        let message = message ?? "Fault on demand"
        switch shape {
        case .text: return Self.text(status: status, type: "text/plain; charset=utf-8", message)
        case .truncated:
            return Self.text(
                status: status,
                type: "application/json",
                "{\"error_code\": \(status), \"message\": \"trunc"
            )
        case .deep:
            let levels = 50_000
            let text = String(repeating: "{\"a\":", count: levels) + "1" + String(repeating: "}", count: levels)
            return Self.text(status: status, type: "application/json", text)
        case .array: return Reply(status: status, body: .array([.string(message)])).response
        case .scalar: return Reply(status: status, body: .integer(Int64(status))).response
        default: return nil
        }
    }

    private var unauthorizedReply: Reply {
        switch kind ?? .bare {
        case .bearer: Reply(.bearer("Fault on demand"))
        case .symbolic: Reply(.symbolic(401, .authInvalidCredentials))
        case .bare: Reply(.bareUnauthorized)
        }
    }

    private func withHeaders(_ response: Response) -> Response {
        var response = response
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        for challenge in challenges ?? [] {
            response.headers.append(HTTPField(name: .wwwAuthenticate, value: challenge))
        }
        return response
    }

    private static func text(status: Int, type: String, _ text: String) -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: type],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}

extension APIError {
    /// A 401 that says nothing about whose credentials were refused: no `WWW-Authenticate`, no symbolic code.
    static var bareUnauthorized: Self { Self(status: 401, body: ["message": "Unauthorized"]) }
}

extension Response {
    /// The same response with its body sent in pieces of equal size over that time.
    func trickled(over milliseconds: Int, body: [UInt8]) -> Response {
        let pieces = 8
        let size = max(1, (body.count + pieces - 1) / pieces)
        var response = Response(
            status: status,
            headers: headers,
            body: ResponseBody(contentLength: body.count) { writer in
                for start in stride(from: 0, to: body.count, by: size) {
                    await Pause.wait(milliseconds: milliseconds / pieces)
                    try await writer.write(ByteBuffer(bytes: body[start..<min(start + size, body.count)]))
                }
                try await writer.finish(nil)
            }
        )
        response.headers[.contentLength] = String(body.count)
        return response
    }
}

/// Cuts connections.
enum ConnectionReset {
    /// Ends the connection at once with a TCP reset and no farewell of TLS.
    static func perform(on channel: any Channel) async {
        // Linger 0 turns the close into a reset.
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        let closed = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute {
            // Closing from the TLS handler's place in the pipeline goes outwards past it, so that it sends no close_notify.
            if let context = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
                context.close(mode: .all, promise: closed)
            } else {
                channel.close(mode: .all, promise: closed)
            }
        }
        try? await closed.futureResult.get()
    }
}

/// Waits that faults ask for.
enum Pause {
    /// Waits that long, or until the sandbox is told to stop: a stop must not wait for a fault.
    static func wait(milliseconds: Int) async {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }
}
