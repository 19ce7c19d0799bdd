import Hummingbird

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
