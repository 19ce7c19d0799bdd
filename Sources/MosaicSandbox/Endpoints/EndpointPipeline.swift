import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The life of a request: fault, token, body, handler, answer, one entry in the request log.
struct EndpointPipeline: Sendable {
    /// Largest body read, in bytes. Users may carry 500 KB of custom data twice.
    static let maximumBodySize = 1_200_000

    let handler: any EndpointHandler
    let path: PathTemplate
    let services: SandboxServices
    let isSecure: Bool
    let readsClientCertificates: Bool

    private struct Outcome {
        var response: Response
        /// As the request log shows it; 0 for a cut connection.
        var status: Int
    }

    func respond(to request: Request, context: SandboxRequestContext) async throws -> Response {
        let start = ContinuousClock.now
        services.requests.arrived(at: handler.endpoint.rawValue)
        let notes = RequestNotes()
        let fault = services.faults.take(for: handler.endpoint)
        let outcome = await outcome(of: request, context: context, fault: fault, notes: notes)
        services.requests.answered(
            RequestLog.Entry(
                sequence: 0,
                time: services.clock.now,
                endpoint: handler.endpoint.rawValue,
                method: request.method.rawValue,
                path: path.text,
                status: outcome.status,
                durationMicroseconds: Int((ContinuousClock.now - start) / .microseconds(1)),
                fault: fault?.id,
                unknownFields: notes.unknownFields
            )
        )
        if outcome.status == 0 {
            await ConnectionReset.perform(on: context.channel)
        }
        return outcome.response
    }

    private func outcome(
        of request: Request,
        context: SandboxRequestContext,
        fault: Fault?,
        notes: RequestNotes
    ) async -> Outcome {
        if let fault, fault.action != .slowBody, let milliseconds = fault.latencyMilliseconds {
            await Pause.wait(milliseconds: milliseconds)
        }
        let isEarly = fault.map { $0.phase != .after } ?? false
        if let fault, isEarly, fault.action == .reset || fault.replacement != nil {
            // A connection that is cut behind the head alone tells the client that nothing was done.
            if fault.action == .reset { _ = try? await Self.body(of: request) }
            return Self.outcome(of: fault)
        }
        let reply = await reply(to: request, context: context, notes: notes)
        if let fault, !isEarly, fault.action == .reset || fault.replacement != nil {
            return Self.outcome(of: fault)
        }
        var response = reply.response
        if let fault, fault.action == .slowBody {
            response = response.trickled(over: fault.latencyMilliseconds ?? 0, body: Array(reply.body?.text ?? Data()))
        }
        return Outcome(response: response, status: reply.status)
    }

    private static func outcome(of fault: Fault) -> Outcome {
        guard let response = fault.replacement else {
            return Outcome(response: Response(status: .internalServerError), status: 0)
        }
        return Outcome(response: response, status: response.status.code)
    }

    private func reply(to request: Request, context: SandboxRequestContext, notes: RequestNotes) async -> Reply {
        do {
            let authorization = request.headers[.authorization]
            let source = PeerCertificateSource(channel: readsClientCertificates ? context.channel : nil)
            var authorized: AuthorizedClient?
            var authorizedUser: AuthorizedUser?
            switch handler.endpoint.authentication {
            case .none: break
            case .clientToken:

                authorized = try await services.verifier.client(
                    for: handler.endpoint,
                    authorization: authorization,
                    certificateSource: source
                )
            case .userToken: authorizedUser = try await services.verifier.user(authorization: authorization)
            }
            let call = EndpointCall(
                endpoint: handler.endpoint,
                headers: request.headers,
                certificateSource: source,
                origin: "\(isSecure ? "https" : "http")://\(request.head.authority ?? "localhost")",
                path: request.uri.path,
                parameters: try Self.parameters(context),
                query: try FormFields.query(request.uri.query),
                body: try await Self.body(of: request),
                authorized: authorized,
                authorizedUser: authorizedUser,
                notes: notes
            )
            return try await handler.respond(to: call)
        } catch let error as APIError {
            return Reply(error)
        } catch {
            context.logger.error(
                "unexpected error",
                metadata: ["endpoint": "\(handler.endpoint.rawValue)", "error": "\(error)"]
            )
            return Reply(.message(500, "Internal server error"))
        }
    }

    private static func body(of request: Request) async throws -> Data {
        guard request.method != .get else { return Data() }
        do {
            let buffer = try await request.body.collect(upTo: maximumBodySize)
            return Data(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw APIError.message(413, "The body is larger than \(maximumBodySize) bytes")
        }
    }

    private static func parameters(_ context: SandboxRequestContext) throws -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters {
            guard let decoded = String(value).removingPercentEncoding else {
                throw APIError.messages(400, ["\(name) is not valid percent-encoding"])
            }
            parameters[String(name)] = decoded
        }
        return parameters
    }
}
