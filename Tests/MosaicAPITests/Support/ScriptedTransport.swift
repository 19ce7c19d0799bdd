import MosaicAPI
import Secrets
import Synchronization

/// A Mosaic of scripted answers: one script for the token endpoint, one for the API.
///
/// Behaves as the real transport does: the caller's last word is asked once per request that is not refused before.
final class ScriptedTransport: HTTPTransport {
    /// What comes of one request.
    enum Outcome: Sendable {
        /// This response.
        case respond(UpstreamResponse)
        /// This failure; one that was not sent never asked the caller.
        case fail(TransportFailure)
    }

    /// A request that was made.
    struct Exchange: Sendable {
        let method: String
        let url: String
        let bearer: String?
        let basic: String?
        let mediaType: String?
        let body: String?
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var tokenRequests = 0
        var calls: [Exchange] = []
        var isShutDown = false
    }

    private let state = Mutex(State())
    private let token: @Sendable (Int) async -> Outcome
    private let resource: (@Sendable (String) async -> Outcome)?
    private let api: @Sendable (Int, Exchange) async -> Outcome

    /// - Parameters:
    ///   - token: Answers the n-th token request, counted from 1; by default token `t<n>` for an hour.
    ///   - resource: Answers token requests that name a resource, by its name; by default `token` answers these as well.
    ///   - api: Answers the n-th API call, counted from 1.
    init(
        token: @escaping @Sendable (Int) async -> Outcome = { .token("t\($0)") },
        resource: (@Sendable (String) async -> Outcome)? = nil,
        api: @escaping @Sendable (Int, Exchange) async -> Outcome
    ) {
        self.token = token
        self.resource = resource
        self.api = api
    }

    var tokenRequests: Int { state.withLock { $0.tokenRequests } }
    var calls: [Exchange] { state.withLock { $0.calls } }
    var isShutDown: Bool { state.withLock { $0.isShutDown } }

    func send(_ request: UpstreamRequest, call: UpstreamCall) async throws(TransportFailure) -> UpstreamResponse {
        let outcome: Outcome
        let isClientCredentialsGrant =
            request.url.path.hasSuffix("/oidc/token")
            && request.body?.bytes.text.contains("grant_type=client_credentials") == true
        let named = request.body?.bytes.text.split(separator: "&").first { $0.hasPrefix("resource=") }
        if isClientCredentialsGrant, let resource, let named {
            outcome = await resource(String(named.dropFirst("resource=".count)))
        } else if isClientCredentialsGrant {
            outcome = await token(
                state.withLock { state in
                    state.tokenRequests += 1
                    return state.tokenRequests
                }
            )
        } else {
            outcome = await answerCall(request, call)
        }
        if case .fail(let failure) = outcome, !failure.mayHaveBeenSent { throw failure }
        guard call.willSend() else { throw TransportFailure(.aborted, mayHaveBeenSent: false) }
        switch outcome {
        case .respond(let response): return response
        case .fail(let failure): throw failure
        }
    }

    func shutdown() async {
        state.withLock { $0.isShutDown = true }
    }

    private func answerCall(_ request: UpstreamRequest, _ call: UpstreamCall) async -> Outcome {
        var bearer: String?
        var basic: String?
        if case .bearer(let token) = request.authorization { bearer = token.text }
        if case .basic(let credentials) = request.authorization { basic = credentials.text }
        let exchange = Exchange(
            method: request.method.rawValue,
            url: request.url.description,
            bearer: bearer,
            basic: basic,
            mediaType: request.body?.mediaType,
            body: request.body?.bytes.text,
            deadline: call.deadline
        )
        let number = state.withLock { state in
            state.calls.append(exchange)
            return state.calls.count
        }
        return await api(number, exchange)
    }
}

extension ScriptedTransport.Outcome {
    /// A response.
    static func respond(
        _ status: Int,
        _ body: String = "",
        authenticate: [String] = [],
        retryAfter: String? = nil
    ) -> Self {
        .respond(UpstreamResponse(status, body, authenticate: authenticate, retryAfter: retryAfter))
    }

    /// A client token for an hour.
    static func token(_ text: String) -> Self {
        .respond(200, #"{"access_token":"\#(text)","token_type":"Bearer","expires_in":3600}"#)
    }

    /// A granted login.
    static var granted: Self {
        .respond(200, #"{"access_token":"user","token_type":"Bearer","expires_in":3600,"session_id":"s1"}"#)
    }

    /// A connection that was refused.
    static var refusedConnection: Self { .fail(TransportFailure(.connect, mayHaveBeenSent: false)) }

    /// A connection that broke after the request had left.
    static var brokenConnection: Self { .fail(TransportFailure(.reset, mayHaveBeenSent: true)) }
}
