import AgentProtocol
import MosaicAPI
import Secrets

extension MethodRegistry {
    /// Adds the methods about magic links.
    mutating func addLinkMethods() {
        // `link.send` by E18.
        on(LinkSend.self) { parameters, context in
            let request = LinkSendOperation(parameters)
            let decision = try await context.perform(request)
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
        // `link.authenticate` by E19.
        on(LinkAuthenticate.self) { parameters, context in
            var request = LinkAuthenticateOperation(code: parameters.code)
            request.options = .init(parameters.options)
            return try await context.perform(request).reply(in: context)
        }
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
