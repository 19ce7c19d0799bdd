package import Secrets

/// One operation of the API as a value: what is sent, and what the answers mean.
///
/// A further endpoint is one such type and a case of ``APIEndpoint``; ``MosaicService/perform(_:call:)`` carries it out
/// with the client's access token, the rules for repetitions, rate limits and 401 answers.
package protocol APIOperation: Sendable {
    /// What the caller gets: Mosaic's decision, or what was asked for.
    associatedtype Output: Sendable

    /// The endpoint, for rate limits, the circuit breaker and the rule for 401 answers.
    static var endpoint: APIEndpoint { get }

    /// The HTTP method; `POST` unless said.
    static var method: UpstreamRequest.Method { get }

    /// The whole URL.
    func url(at endpoints: MosaicEndpoints) -> ServiceURL

    /// The body with Mosaic's field names and no field that was not given; none unless said.
    var body: UpstreamRequest.Body? { get }

    /// Whom a message goes to, for sends: a 429 then binds this target only.
    var rateLimitTarget: Secret? { get }

    /// What a 2xx answer says, or `nil` when it breaks the contract.
    func output(of response: UpstreamResponse) -> Output?

    /// What any other answer means. 401 answers about the bearer token, 408, 429 and 5xx answers do not come here.
    func output(of refusal: Refusal) -> Result<Output, APIFailure>
}

extension APIOperation {
    /// `POST`.
    package static var method: UpstreamRequest.Method { .post }
    /// None.
    package var body: UpstreamRequest.Body? { nil }
    /// None.
    package var rateLimitTarget: Secret? { nil }
}

extension MosaicClient {
    /// Carries out an operation.
    ///
    /// A GET is repeated after passing trouble. Anything else is never sent a second time once it may have been sent,
    /// with one exception: after an answer that puts its bearer token in doubt it is repeated once with a new one.
    package func perform<Operation: APIOperation>(
        _ operation: Operation,
        call: UpstreamCall
    ) async throws(APIFailure) -> Operation.Output {
        let apiCall = APICall(
            endpoint: Operation.endpoint,
            method: Operation.method,
            url: operation.url(at: endpoints),
            body: operation.body,
            safety: Operation.method == .get ? .repeatable : .once,
            rateLimitTarget: operation.rateLimitTarget
        )
        switch try await perform(apiCall, call: call) {
        case .refusal(let refusal):
            return try operation.output(of: refusal).get()
        case .success(let response):
            guard let output = operation.output(of: response) else {
                throw Refusal(response, wallClock: wallClock()).failure(.protocolViolation)
            }
            return output
        }
    }
}
