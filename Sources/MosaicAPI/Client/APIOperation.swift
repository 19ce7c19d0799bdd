package import Secrets

/// One operation of the API as a value: what is sent, and what the answers mean.
///
/// A further endpoint is one such type and nothing else: name, path, group, body, result and the table of its refusals.
/// ``MosaicService/perform(_:call:)`` carries it out with the client's access token, the rules for repetitions, rate limits
/// and 401 answers.
package protocol APIOperation: Sendable {
    /// What the caller gets: Mosaic's decision, or what was asked for.
    associatedtype Output: Sendable

    /// The endpoint, for rate limits, the circuit breaker and the rule for 401 answers.
    static var endpoint: APIEndpoint { get }

    /// The HTTP method; `POST` unless said.
    static var method: UpstreamRequest.Method { get }

    /// Who asks; the client itself unless said.
    var authorization: APIAuthorization { get }

    /// The whole URL; the path of ``endpoint`` below the base unless said.
    func url(at endpoints: MosaicEndpoints) -> ServiceURL

    /// The body with Mosaic's field names and no field that was not given; none unless said.
    var body: UpstreamRequest.Body? { get }

    /// The user that the request names: a 429 then binds calls that name this user, and no others.
    var target: UpstreamTarget? { get }

    /// What to answer when Mosaic limits ``target`` while other users get through; `nil` for a failure `rateLimited`.
    ///
    /// Set by messages whose answer must not tell who exists: Mosaic limits only users that it knows.
    var outputWhenLimited: Output? { get }

    /// What a 2xx answer says, or `nil` when it breaks the contract.
    func output(of response: UpstreamResponse) -> Output?

    /// What a 2xx answer must have, so that a failure can name what was wrong; nothing unless said.
    var requiredMembers: [RequiredMember] { get }

    /// What any other answer means. 408, 429 and 5xx answers do not come here, nor do 401 answers that are not the
    /// endpoint's own, see ``UnauthorizedClassifier``.
    func output(of refusal: UpstreamError) -> Result<Output, APIFailure>
}

/// In whose name an operation is asked for.
package enum APIAuthorization: Sendable {
    /// In the client's, with its access token.
    case clientToken
    /// In a user's, with the token that the caller holds.
    case userToken(Secret)
    /// In no client's: what is in the body must do.
    case none
    /// In the client's, which proves itself in the request as at the token endpoint (E1, E4). The fields are the form;
    /// ``APIOperation/body`` is not used.
    case clientCredential([FormField])
    /// In the client's, with ID and secret among the members of a JSON body (E16). The fields are the other members;
    /// ``APIOperation/body`` is not used.
    case clientSecretObject([FormField])
}

extension APIOperation {
    /// The client itself.
    package var authorization: APIAuthorization { .clientToken }
    /// The path of the endpoint below the base.
    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.url(of: Self.endpoint) }
    /// `POST`.
    package static var method: UpstreamRequest.Method { .post }
    /// Nothing.
    package var requiredMembers: [RequiredMember] { [] }
    /// None.
    package var body: UpstreamRequest.Body? { nil }
    /// None.
    package var target: UpstreamTarget? { nil }
    /// The failure.
    package var outputWhenLimited: Output? { nil }
}

extension MosaicClient {
    package func authenticatePassword(
        _ request: PasswordAuthenticateOperation,
        call: UpstreamCall
    ) async throws(APIFailure) -> PasswordAuthenticationResult {
        try await perform(request, call: call)
    }

    /// Carries out an operation.
    ///
    /// A GET is repeated after passing trouble. Anything else is never sent a second time once it may have been sent,
    /// with one exception: after an answer that puts its bearer token in doubt it is repeated once with a new one.
    package func perform<Operation: APIOperation>(
        _ operation: Operation,
        call: UpstreamCall
    ) async throws(APIFailure) -> Operation.Output {
        var apiCall = APICall(
            endpoint: Operation.endpoint,
            method: Operation.method,
            url: operation.url(at: endpoints),
            body: operation.body,
            safety: Operation.method == .get ? .repeatable : .once,
            target: operation.target
        )
        let answer: APIAnswer
        do throws(APIFailure) {
            answer = try await perform(&apiCall, as: operation.authorization, call: call)
        } catch {
            guard error.limitsTargetOnly, let output = operation.outputWhenLimited else { throw error }
            if let status = error.status { call.didAnswer(status) }
            traffic.withheld(at: clock.now)
            return output
        }
        do throws(APIFailure) {
            return try output(of: answer, to: operation)
        } catch {
            throw noted(error)
        }
    }

    private func output<Operation: APIOperation>(
        of answer: APIAnswer,
        to operation: Operation
    ) throws(APIFailure) -> Operation.Output {
        switch answer {
        case .refusal(let refusal):
            return try operation.output(of: refusal).get()
        case .success(let response):
            if let output = operation.output(of: response) { return output }
            let refusal = UpstreamError(response, wallClock: wallClock)
            // A token service that answers an OAuth error with 200 has refused all the same.
            if refusal.body.isOAuth, Operation.endpoint.answersAsOAuth {
                return try operation.output(of: refusal.seen(as: 400)).get()
            }
            throw refusal.failure(.protocolViolation).with(
                detail: ContractBreach.description(of: response, lacking: operation.requiredMembers)
            )
        }
    }

    private func perform(
        _ apiCall: inout APICall,
        as authorization: APIAuthorization,
        call: UpstreamCall
    ) async throws(APIFailure) -> APIAnswer {
        switch authorization {
        case .clientToken:
            return try await perform(apiCall, call: call)
        case .userToken(let token):
            return try await perform(apiCall, as: .bearer(token), proof: .userToken, call: call)
        case .none:
            return try await perform(apiCall, as: UpstreamRequest.Authorization.none, proof: .none, call: call)
        case .clientCredential(let fields):
            let proof = try configuration.authentication.form(
                fields,
                clientID: configuration.clientID,
                clockOffset: serverClock.offset
            )
            apiCall.body = proof.body
            return try await perform(apiCall, as: proof.authorization, proof: .clientCredential, call: call)
        case .clientSecretObject(let fields):
            guard let secret = configuration.authentication.secret else {
                throw APIFailure(.notConfigured, outcome: .notSent).with(cause: .clientSecret)
            }
            apiCall.body = .object(fields, clientID: configuration.clientID, secret: secret)
            return try await perform(
                apiCall,
                as: UpstreamRequest.Authorization.none,
                proof: .clientCredential,
                call: call
            )
        }
    }
}
