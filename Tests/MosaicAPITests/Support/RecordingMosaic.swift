import Logging
import Secrets
import TestSupport

@testable import MosaicAPI

/// A Mosaic on loopback that gives out client tokens, answers every call alike, and keeps what it was asked.
enum RecordingMosaic {
    /// A call as it arrived over HTTP.
    struct Call {
        /// Method and path with query, such as `POST /cis/v1/users`.
        let line: String
        /// Header fields with names in lower case.
        let headers: [String: String]
        let body: String

        fileprivate init(_ request: LoopbackServer.Request) {
            line = request.line.split(separator: " ").dropLast().joined(separator: " ")
            headers = Dictionary(request.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            body = request.body
        }
    }

    /// Has a real client carry out an operation over real HTTP.
    ///
    /// - Returns: What came of it, and the calls that arrived, token requests aside.
    static func carryOut<Operation: APIOperation>(
        _ operation: Operation,
        answer status: Int,
        _ body: String
    ) async throws -> (result: Result<Operation.Output, APIFailure>, calls: [Call]) {
        let server = LoopbackServer { request in
            request.head.contains("/oidc/token")
                ? [.respond(200, #"{"access_token":"t1","token_type":"Bearer","expires_in":3600}"#)]
                : [.respond(status, body)]
        }
        let result = try await server.run { port in
            let base = try ServiceURL("http://127.0.0.1:\(port)/cis", allowInsecureHTTP: true)
            let clock = TestClock()
            let client = MosaicClient(
                MosaicClientConfiguration(
                    name: "default",
                    endpoints: MosaicEndpoints(baseURL: base),
                    clientID: "client.example",
                    authentication: .clientSecretPost(Secret("client secret"))
                ),
                transport: try PooledHTTPTransport(TransportConfiguration(), clock: clock),
                clock: clock,
                wallClock: { 0 },
                random: { 0 },
                logger: Logger(label: "test")
            )
            let result = await withTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                let result = await outcome(of: operation, client, deadline: clock.now + .seconds(10))
                group.cancelAll()
                return result
            }
            await client.shutdown()
            return result
        }
        return (result, server.requests.filter { !$0.head.contains("/oidc/token") }.map(Call.init))
    }

    private static func outcome<Operation: APIOperation>(
        of operation: Operation,
        _ client: MosaicClient,
        deadline: ContinuousClock.Instant
    ) async -> Result<Operation.Output, APIFailure> {
        do throws(APIFailure) {
            return .success(try await client.perform(operation, call: UpstreamCall(deadline: deadline)))
        } catch {
            return .failure(error)
        }
    }
}
