package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `reset.verify_password` by E12.
package struct ResetVerifyPasswordHandler: MethodHandler {
    package typealias Method = ResetVerifyPassword

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetVerifyPassword.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetFactorResult> {
        let client = try clients.configuredClient(of: context)
        let request = ResetVerifyPasswordOperation(
            kind: try .init(parameters.user.kind),
            identifier: Secret(parameters.user.identifier),
            password: parameters.password,
            clientID: client.clientID,
            previousResetToken: parameters.previousResetToken
        )
        return try await client.service.perform(request, call: context.upstreamCall).reply(in: context)
    }
}

/// Carries out `reset.complete` by E13.
package struct ResetCompleteHandler: MethodHandler {
    package typealias Method = ResetComplete

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetComplete.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetComplete.Result> {
        var request = ResetCompleteOperation(resetToken: parameters.resetToken, newPassword: parameters.newPassword)
        request.redirectURI = parameters.redirectURI
        request.resource = parameters.resource
        request.requireMFA = parameters.requireMFA
        let receipt = try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(ResetComplete.Result(message: receipt.message, url: receipt.url, email: receipt.email))
    }
}
