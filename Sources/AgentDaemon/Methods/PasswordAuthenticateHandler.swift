package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `password.authenticate` by E17.
package struct PasswordAuthenticateHandler: MethodHandler {
    package typealias Method = PasswordAuthenticate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PasswordAuthenticate.Parameters,
        in context: CallContext
    ) async throws -> Reply<PasswordAuthenticate.Result> {
        let client = try clients.client(of: context)
        let decision = try await client.authenticatePassword(
            PasswordAuthenticateOperation(parameters),
            call: context.upstreamCall
        )
        switch decision {
        case .granted(let tokens):
            return Reply(.granted(try GrantedTokens(tokens)))
        case .denied(let reason):
            return Reply(
                .denied(reason: context.mayKnowDetails ? reason.rawValue : nil),
                reason: reason.rawValue
            )
        case .passwordChangeRequired(let cause, let resetToken):
            return Reply(
                .passwordChangeRequired(cause: PasswordChangeCause(cause.rawValue), resetToken: resetToken),
                reason: cause.rawValue
            )
        }
    }
}

extension PasswordAuthenticateOperation {
    /// The request to Mosaic that these parameters ask for.
    fileprivate init(_ parameters: PasswordAuthenticate.Parameters) {
        self.init(
            username: Secret(parameters.username),
            password: parameters.password,
            usernameType: parameters.usernameType.flatMap { UsernameType(rawValue: $0.name) }
        )
        sessionID = parameters.sessionID
        organizationID = parameters.orgID
        resource = parameters.resource
        claims = parameters.claims
        clientAttributes = parameters.clientAttributes.map { attributes in
            Self.ClientAttributes(userAgent: attributes.userAgent, ipAddress: attributes.ipAddress)
        }
    }
}
