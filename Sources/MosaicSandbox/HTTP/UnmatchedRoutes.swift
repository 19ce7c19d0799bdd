import HTTPTypes
package import Hummingbird
package import NIOCore

/// Answers in JSON what no endpoint takes: 405 with `Allow` for a known path, else 404.
struct UnmatchedRoutes: RouterMiddleware {
    let requests: RequestLog
    let clock: SandboxClock

    private static let templates = Endpoint.allCases.flatMap { endpoint in
        endpoint.paths.map { (PathTemplate($0), endpoint) }
    }

    @concurrent func handle(
        _ request: Request,
        context: SandboxRequestContext,
        next: @concurrent (Request, SandboxRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            let response = Self.response(to: request, error)
            requests.arrived(at: nil)
            requests.answered(
                RequestLog.Entry(
                    sequence: 0,
                    time: clock.now,
                    method: request.method.rawValue,
                    path: "unknown",
                    status: response.status.code,
                    durationMicroseconds: 0,
                    unknownFields: []
                )
            )
            return response
        }
    }

    private static func response(to request: Request, _ error: HTTPError) -> Response {
        let matching = templates.filter { $0.0.matches(request.uri.path) }
        guard error.status == .notFound, !matching.isEmpty else {
            let text =
                error.status == .notFound ? "Cannot \(request.method.rawValue) this path" : error.status.reasonPhrase
            return Reply(.message(error.status.code, text)).response
        }
        var refusal = APIError.message(405, "Method not allowed")
        refusal.headers[.allow] = Set(matching.map { $0.1.method.rawValue }).sorted().joined(separator: ", ")
        return Reply(refusal).response
    }
}

/// Answers only requests that name this machine in `Host`, so that a web page whose name was pointed at 127.0.0.1 gets nothing.
struct LocalHostCheck: RouterMiddleware {
    @concurrent func handle(
        _ request: Request,
        context: SandboxRequestContext,
        next: @concurrent (Request, SandboxRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let authority = request.head.authority, Self.isLocal(authority) else {
            return Reply(.message(421, "The sandbox serves only localhost, 127.0.0.1 and [::1]")).response
        }
        return try await next(request, context)
    }

    /// Whether an authority (`host` or `host:port`) names the loopback interface.
    static func isLocal(_ authority: String) -> Bool {
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            host = authority[...end]
            guard isPortSuffix(authority[authority.index(after: end)...]) else { return false }
        } else {
            host = authority.prefix { $0 != ":" }
            guard isPortSuffix(authority[host.endIndex...]) else { return false }
        }
        return ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased())
    }

    private static func isPortSuffix(_ text: Substring) -> Bool {
        if text.isEmpty { return true }
        return text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// The per-request context: Hummingbird's own plus the connection, which some faults cut.
package struct SandboxRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection that the request came over.
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }
}
