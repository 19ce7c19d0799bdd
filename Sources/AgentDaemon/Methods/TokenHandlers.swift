package import AgentProtocol
import MosaicAPI

/// Carries out `token.refresh` by E23 or the refresh grant of E1.
package struct TokenRefreshHandler: MethodHandler {
    package typealias Method = TokenRefresh

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: TokenRefresh.Parameters,
        in context: CallContext
    ) async throws -> Reply<IssuedTokens> {
        guard let kind = UserTokenRefresh.Kind(rawValue: parameters.kind.name) else {
            throw CallFailure(.internal, "the agent has no such kind", outcome: .notSent, reason: "kind")
        }
        let refresh = UserTokenRefresh(refreshToken: parameters.refreshToken, kind: kind)
        let tokens = try await clients.client(of: context).refresh(refresh, call: context.upstreamCall)
        return Reply(IssuedTokens(tokens))
    }
}

/// Carries out `token.revoke` by E4.
package struct TokenRevokeHandler: MethodHandler {
    package typealias Method = TokenRevoke

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: TokenRevoke.Parameters,
        in context: CallContext
    ) async throws -> Reply<EmptyResult> {
        let request = TokenRevokeOperation(
            token: parameters.token,
            hint: parameters.tokenTypeHint.flatMap { TokenRevokeOperation.Hint(rawValue: $0) }
        )
        try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(EmptyResult())
    }
}

/// Carries out `token.verify` with the keys of E2.
package struct TokenVerifyHandler: MethodHandler {
    package typealias Method = TokenVerify

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: TokenVerify.Parameters,
        in context: CallContext
    ) async throws -> Reply<TokenVerify.Result> {
        guard let use = TokenVerification.Use(rawValue: parameters.tokenUse.name) else {
            throw CallFailure(.internal, "the agent has no such use", outcome: .notSent, reason: "token_use")
        }
        let verification = TokenVerification(token: parameters.token, use: use, resource: parameters.resource)
        switch try await clients.client(of: context).verify(verification, call: context.upstreamCall) {
        case .valid(let claims): return Reply(.valid(claims: claims))
        case .invalid(let flaw): return Reply(.invalid(reason: flaw.rawValue), reason: flaw.rawValue)
        }
    }
}

/// Carries out `client_token.get` from the client's token source.
package struct ClientTokenGetHandler: MethodHandler {
    package typealias Method = ClientTokenGet

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ClientTokenGet.Parameters,
        in context: CallContext
    ) async throws -> Reply<ClientTokenGet.Result> {
        let token = try await clients.client(of: context).clientToken(
            resource: parameters.resource,
            minimumValidity: .seconds(parameters.minimumValiditySeconds),
            call: context.upstreamCall
        )
        let seconds = max(token.remaining.components.seconds, 0)
        return Reply(ClientTokenGet.Result(accessToken: token.value, expiresIn: Int(clamping: seconds)))
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
