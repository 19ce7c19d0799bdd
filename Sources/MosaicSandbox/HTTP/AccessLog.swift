import HTTPTypes
import Hummingbird
import Logging

/// One log line per request at info: method, path template, status, duration. No header, body, query or path value stands in it.
struct AccessLog: RouterMiddleware {
    @concurrent func handle(
        _ request: Request,
        context: SandboxRequestContext,
        next: @concurrent (Request, SandboxRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        context.logger.info(
            "request",
            metadata: [
                "method": "\(request.method)", "path": "\(context.endpointPath ?? "?")",
                "status": "\(response.status.code)", "ms": "\(Int((ContinuousClock.now - start) / .milliseconds(1)))",
            ]
        )
        return response
    }
}
