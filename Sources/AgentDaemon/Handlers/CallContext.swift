import AgentProtocol
package import MosaicAPI

/// What a handler is told about the call beside its parameters.
package struct CallContext: Sendable {
    /// The call.
    package let call: Call
    /// The agent's id of the call.
    package let callID: CallID
    /// The terms on which the access policy let it through; nil for methods that need no right.
    package let permit: AccessPermit?

    /// Whether the caller learns the reason beside the verdict.
    package var mayKnowDetails: Bool { permit?.details ?? false }

    /// The call's way to Mosaic: its deadline, and its last word before the request leaves.
    package var upstreamCall: UpstreamCall {
        let control = call.control
        return UpstreamCall(deadline: call.deadline) { control.beginUpstream() }
    }
}

extension ClientDirectory {
    /// The client that the access policy chose for the call.
    ///
    /// - Throws: `internal` if there is none: the policy knows only clients of the same configuration.
    package func client(of context: CallContext) throws(CallFailure) -> any MosaicService {
        guard let permit = context.permit, let client = self[permit.client] else {
            throw CallFailure(.internal, "the agent has no such client", outcome: .notSent, reason: "client_missing")
        }
        return client.service
    }
}
