package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `password.login` by E5.
package struct PasswordLoginHandler: MethodHandler {
    package typealias Method = PasswordLogin

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PasswordLogin.Parameters,
        in context: CallContext
    ) async throws -> Reply<PasswordLogin.Result> {
        let client = try clients.configuredClient(of: context)
        let request = try PasswordLoginOperation(parameters, clientID: client.clientID)
        switch try await client.service.perform(request, call: context.upstreamCall) {
        case .continue(let url):
            return Reply(.continue(url: url))
        case .denied(let reason):
            return Reply(.denied(reason: context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
        case .passwordChangeRequired(let cause, let resetToken):
            let change = PasswordChange(cause: PasswordChangeCause(cause.rawValue), resetToken: resetToken)
            return Reply(.passwordChangeRequired(change), reason: cause.rawValue)
        }
    }
}

/// Carries out `code.exchange` by the code grant of E1, or by E16.
package struct CodeExchangeHandler: MethodHandler {
    package typealias Method = CodeExchange

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: CodeExchange.Parameters,
        in context: CallContext
    ) async throws -> Reply<CodeExchange.Result> {
        let client = try clients.client(of: context)
        // The parameters have the redirect URI unless they are for the deprecated endpoint.
        guard let redirectURI = parameters.redirectURI else {
            let tokens = try await client.perform(
                LegacyCodeExchangeOperation(code: parameters.code),
                call: context.upstreamCall
            )
            return Reply(CodeExchange.Result(tokens: IssuedTokens(tokens), isUserCreated: tokens.isUserCreated))
        }
        let grant = CodeExchangeOperation(
            code: parameters.code,
            redirectURI: redirectURI,
            codeVerifier: parameters.codeVerifier
        )
        let tokens = try await client.perform(grant, call: context.upstreamCall)
        return Reply(CodeExchange.Result(tokens: IssuedTokens(tokens)))
    }
}

extension PasswordLoginOperation {
    /// The request to Mosaic that these parameters ask for.
    fileprivate init(_ parameters: PasswordLogin.Parameters, clientID: String) throws(CallFailure) {
        guard let kind = IdentifierKind(rawValue: parameters.user.kind.name) else {
            throw CallFailure(.internal, "the agent has no such identifier", outcome: .notSent, reason: "identifier")
        }
        self.init(
            kind: kind,
            identifier: Secret(copying: parameters.user.identifier.bytes),
            password: parameters.password,
            clientID: clientID,
            redirectURI: parameters.redirectURI
        )
        resource = parameters.resource
        requireMFA = parameters.requireMFA
        claims = parameters.claims
        organizationID = parameters.orgID
    }
}

extension IssuedTokens {
    /// What the caller gets of the tokens of the deprecated endpoint.
    fileprivate init(_ tokens: LegacyCodeExchangeOperation.Output) {
        self.init(
            accessToken: tokens.accessToken,
            idToken: tokens.idToken,
            refreshToken: tokens.refreshToken,
            userID: tokens.userID,
            amr: tokens.authenticationMethods
        )
    }
}
