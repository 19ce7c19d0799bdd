import Secrets

extension MosaicClient {
    /// Has Mosaic check a password (E17).
    ///
    /// The request is never sent a second time once it may have been sent, with one exception: after an answer that
    /// puts its bearer token in doubt it is repeated once with a new one.
    package func authenticatePassword(
        _ request: PasswordAuthenticateOperation,
        call: UpstreamCall
    ) async throws(APIFailure) -> PasswordAuthenticationResult {
        let apiCall = APICall(
            endpoint: .passwordAuthenticate,
            method: .post,
            url: endpoints.passwordAuthenticate,
            body: request.body(),
            safety: .once,
            target: UpstreamTarget(request.username)
        )
        switch try await perform(apiCall, call: call) {
        case .refusal(let refusal):
            switch PasswordErrorMapping.classify(refusal, joinsSession: request.sessionID != nil) {
            case .success(let result): return result
            case .failure(let failure): throw noted(failure)
            }
        case .success(let response):
            guard let tokens = UserTokens(parsing: response.body, requiresSession: true) else {
                throw noted(
                    UpstreamError(response, wallClock: wallClock).failure(.protocolViolation).with(
                        detail: ContractBreach.description(
                            of: response,
                            lacking: UserTokens.requiredMembers(withSession: true)
                        )
                    )
                )
            }
            return .granted(tokens)
        }
    }
}
