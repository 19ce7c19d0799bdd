import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import NIOSSL

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
