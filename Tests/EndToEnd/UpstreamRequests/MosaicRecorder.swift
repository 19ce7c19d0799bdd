import Synchronization
import TestSupport

/// A Mosaic that answers what a test tells it to and keeps what it was asked, byte for byte.
///
/// It knows no endpoints and checks nothing; what is right stands in the tests.
final class MosaicRecorder: Sendable {
    typealias Step = LoopbackServer.Step

    /// The client access token that it gives out first: no JWT but for its claims, which say `"app_id":"app-1"`.
    static let clientToken = "e30.eyJhcHBfaWQiOiJhcHAtMSJ9.1"

    private final class Script: Sendable {
        struct State {
            var queue: [[Step]] = []
            var otherwise: [Step] = []
            var tokenAnswer: [Step]?
            var tokens = 0
        }
        let state = Mutex(State())
    }

    private let script = Script()
    private let server: LoopbackServer
    private let seen = Mutex(0)

    init() {
        let script = script
        server = LoopbackServer { request in
            script.state.withLock { state in
                if Self.isClientTokenRequest(request) {
                    state.tokens += 1
                    if let answer = state.tokenAnswer { return answer }
                    let token = Self.clientToken.dropLast() + String(state.tokens)
                    return [
                        .respond(200, #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":3600}"#)
                    ]
                }
                return state.queue.isEmpty ? state.otherwise : state.queue.removeFirst()
            }
        }
    }

    /// Runs `body` with the port while the recorder listens.
    func run(_ body: (Int) async throws -> Void) async throws { try await server.run(body) }

    /// Answers every call from now on with this, client token requests aside.
    func answer(_ steps: Step...) { script.state.withLock { $0.otherwise = steps } }

    /// Answers the next calls with these, one after the other.
    func answerNext(_ answers: [Step]...) { script.state.withLock { $0.queue += answers } }

    /// Answers every client token request from now on with this.
    func answerTokenRequests(_ steps: Step...) { script.state.withLock { $0.tokenAnswer = steps } }

    /// The calls that arrived since the last look, client token requests aside.
    func takeCalls() -> [LoopbackServer.Request] {
        seen.withLock { seen in
            let all = server.requests
            defer { seen = all.count }
            return all.dropFirst(seen).filter { !Self.isClientTokenRequest($0) }
        }
    }

    /// All client-credentials requests that have arrived.
    var tokenRequests: [LoopbackServer.Request] { server.requests.filter(Self.isClientTokenRequest) }

    private static func isClientTokenRequest(_ request: LoopbackServer.Request) -> Bool {
        request.line.hasPrefix("POST /oidc/token ") && request.body.contains("grant_type=client_credentials")
    }
}
