package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `reset.send_email_link` by E6.
package struct ResetSendEmailLinkHandler: MethodHandler {
    package typealias Method = ResetSendEmailLink

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetSendEmailLink.Parameters,
        in context: CallContext
    ) async throws -> Reply<SendResult> {
        var request = ResetSendEmailLinkOperation(
            try ResetRequest(parameters.user, parameters.options),
            redirectURI: parameters.redirectURI
        )
        request.emailContent = parameters.emailContent?.json
        return try await clients.client(of: context).perform(request, call: context.upstreamCall)
            .uniformReply(in: context) { SendResult(reason: $1) }
    }
}

/// Carries out `reset.create_link` by E7.
package struct ResetCreateLinkHandler: MethodHandler {
    package typealias Method = ResetCreateLink

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetCreateLink.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetCreateLink.Result> {
        let request = ResetCreateLinkOperation(
            try ResetRequest(parameters.user, parameters.options),
            redirectURI: parameters.redirectURI
        )
        let decision = try await clients.client(of: context).perform(request, call: context.upstreamCall)
        let link = try decision.receipt(status: context.upstreamAnswer.status)
        return Reply(ResetCreateLink.Result(resetLink: link), isMemorable: false)
    }
}
