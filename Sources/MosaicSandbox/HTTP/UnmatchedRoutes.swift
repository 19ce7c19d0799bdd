import HTTPTypes
import Hummingbird

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
