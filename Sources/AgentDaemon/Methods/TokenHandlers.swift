import AgentProtocol
import MosaicAPI

extension MethodRegistry {
    /// Adds the methods about tokens.
    mutating func addTokenMethods() {
        // `token.refresh` by E23 or the refresh grant of E1.
        on(TokenRefresh.self) { parameters, context in
            guard let kind = UserTokenRefresh.Kind(rawValue: parameters.kind.name) else {
                throw CallFailure(.internal, "the agent has no such kind", outcome: .notSent, reason: "kind")
            }
            let refresh = UserTokenRefresh(refreshToken: parameters.refreshToken, kind: kind)
            let tokens = try await context.client.service.refresh(refresh, call: context.upstreamCall)
            return Reply(IssuedTokens(tokens))
        }
        // `token.revoke` by E4.
        on(TokenRevoke.self) { parameters, context in
            let request = TokenRevokeOperation(
                token: parameters.token,
                hint: parameters.tokenTypeHint.flatMap { TokenRevokeOperation.Hint(rawValue: $0) }
            )
            try await context.perform(request)
            return Reply(EmptyResult())
        }
        // `token.verify` with the keys of E2.
        on(TokenVerify.self) { parameters, context in
            guard let use = TokenVerification.Use(rawValue: parameters.tokenUse.name) else {
                throw CallFailure(.internal, "the agent has no such use", outcome: .notSent, reason: "token_use")
            }
            let verification = TokenVerification(token: parameters.token, use: use, resource: parameters.resource)
            switch try await context.client.service.verify(verification, call: context.upstreamCall) {
            case .valid(let claims): return Reply(.valid(claims: claims))
            case .invalid(let flaw): return Reply(.invalid(reason: flaw.rawValue), reason: flaw.rawValue)
            }
        }
        // `client_token.get` from the client's token source.
        on(ClientTokenGet.self) { parameters, context in
            let token = try await context.client.service.clientToken(
                resource: parameters.resource,
                minimumValidity: .seconds(parameters.minimumValiditySeconds),
                call: context.upstreamCall
            )
            let seconds = max(token.remaining.components.seconds, 0)
            return Reply(ClientTokenGet.Result(accessToken: token.value, expiresIn: Int(clamping: seconds)))
        }
    }
}

extension IssuedTokens {
    /// What the caller gets of the tokens that Mosaic has issued.
    init(_ tokens: UserTokens) {
        self.init(
            accessToken: tokens.accessToken,
            tokenType: tokens.tokenType,
            expiresIn: Int(clamping: tokens.expiresIn),
            idToken: tokens.idToken,
            refreshToken: tokens.refreshToken,
            userID: tokens.userID,
            amr: tokens.authenticationMethods
        )
    }
}
