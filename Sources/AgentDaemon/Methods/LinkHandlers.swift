package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `link.send` by E18.
package struct LinkSendHandler: MethodHandler {
    package typealias Method = LinkSend

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: LinkSend.Parameters,
        in context: CallContext
    ) async throws -> Reply<LinkSend.Result> {
        let client = try clients.client(of: context)
        let request = LinkSendOperation(parameters)
        let decision = try await client.perform(request, call: context.upstreamCall)
        if request.channel == .direct {
            let receipt = try decision.receipt(status: context.upstreamAnswer.status)
            let result = LinkSend.Result(requestID: receipt.requestID, link: receipt.link, code: receipt.code)
            return Reply(result, isMemorable: false)
        }
        return decision.uniformReply(in: context) { receipt, reason in
            LinkSend.Result(
                requestID: receipt?.requestID
                    ?? (parameters.options.generateRequestID == true ? RandomRequestID.make() : nil),
                reason: reason
            )
        }
    }
}

/// Carries out `link.authenticate` by E19.
package struct LinkAuthenticateHandler: MethodHandler {
    package typealias Method = LinkAuthenticate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: LinkAuthenticate.Parameters,
        in context: CallContext
    ) async throws -> Reply<AuthenticationResult> {
        let client = try clients.client(of: context)
        var request = LinkAuthenticateOperation(code: parameters.code)
        request.options = .init(parameters.options)
        return try await client.perform(request, call: context.upstreamCall).reply(in: context)
    }
}

extension LinkSendOperation {
    /// The request to Mosaic that these parameters ask for.
    fileprivate init(_ parameters: LinkSend.Parameters) {
        self.init(
            identifierType: parameters.user.kind.name,
            identifier: Secret(parameters.user.identifier),
            redirectURI: parameters.redirectURI
        )
        channel = parameters.channel.flatMap { Channel(rawValue: $0.name) }
        state = parameters.state
        emailExpiration = parameters.emailExpiration
        generatesRequestID = parameters.options.generateRequestID
        emailContent = parameters.options.emailContent?.json
        clientAttributes = parameters.options.clientAttributes?.json
        deviceID = parameters.options.deviceID
    }
}
