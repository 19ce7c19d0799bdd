import AgentProtocol
import MosaicAPI
import Secrets

extension MethodRegistry {
    /// Adds the methods about logins through the browser.
    mutating func addBrowserLoginMethods() {
        // `password.login` by E5.
        on(PasswordLogin.self) { parameters, context in
            let client = try context.client
            let request = try PasswordLoginOperation(parameters, clientID: client.clientID)
            switch try await context.perform(request) {
            case .continue(let url):
                return Reply(.continue(url: url))
            case .denied(let reason):
                return Reply(.denied(reason: context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
            case .passwordChangeRequired(let cause, let resetToken):
                let change = PasswordChange(cause: PasswordChangeCause(cause.rawValue), resetToken: resetToken)
                return Reply(.passwordChangeRequired(change), reason: cause.rawValue)
            }
        }
        // `code.exchange` by the code grant of E1, or by E16.
        on(CodeExchange.self) { parameters, context in
            // The parameters have the redirect URI unless they are for the deprecated endpoint.
            guard let redirectURI = parameters.redirectURI else {
                let tokens = try await context.perform(
                    LegacyCodeExchangeOperation(code: parameters.code)
                )
                return Reply(CodeExchange.Result(tokens: IssuedTokens(tokens), isUserCreated: tokens.isUserCreated))
            }
            let grant = CodeExchangeOperation(
                code: parameters.code,
                redirectURI: redirectURI,
                codeVerifier: parameters.codeVerifier
            )
            let tokens = try await context.perform(grant)
            return Reply(CodeExchange.Result(tokens: IssuedTokens(tokens)))
        }
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
