import AgentProtocol
import MosaicAPI
import Secrets
import StrictJSON

extension MethodRegistry {
    /// Adds the methods about one-time codes.
    mutating func addOTPMethods() {
        // `otp.send` by E20.
        on(OTPSend.self) { parameters, context in
            let request = try OTPSendOperation(parameters)
            let decision = try await context.perform(request)
            if request.channel == .direct {
                let receipt = try decision.receipt(status: context.upstreamAnswer.status)
                let result = OTPSend.Result(
                    requestID: receipt.requestID,
                    approvalData: parameters.approvalData,
                    code: receipt.code
                )
                return Reply(result, isMemorable: false)
            }
            return decision.uniformReply(in: context) { receipt, reason in
                // The caller's own text of approval_data, because Mosaic's may be written differently.
                OTPSend.Result(
                    requestID: receipt?.requestID
                        ?? (parameters.options.generateRequestID == true ? RandomRequestID.make() : nil),
                    approvalData: parameters.approvalData,
                    reason: reason
                )
            }
        }
        // `otp.authenticate` by E21.
        on(OTPAuthenticate.self) { parameters, context in
            var request = OTPAuthenticateOperation(
                passcode: parameters.passcode,
                identifierType: parameters.user.kind.name,
                identifier: Secret(parameters.user.identifier)
            )
            request.options = .init(parameters.options)
            return try await context.perform(request).reply(in: context)
        }
    }
}

extension OTPSendOperation {
    /// The request to Mosaic that these parameters ask for.
    fileprivate init(_ parameters: OTPSend.Parameters) throws(CallFailure) {
        guard let channel = Channel(rawValue: parameters.channel.name) else {
            throw CallFailure(.internal, "the agent has no such channel", outcome: .notSent, reason: "channel")
        }
        self.init(
            channel: channel,
            identifierType: parameters.user.kind.name,
            identifier: Secret(parameters.user.identifier)
        )
        expiresIn = parameters.expiresIn
        generatesRequestID = parameters.options.generateRequestID
        approvalData = parameters.approvalData
        customEmail = parameters.customEmail.map { Secret($0) }
        customPhoneNumber = parameters.customPhoneNumber.map { Secret($0) }
        emailContent = parameters.options.emailContent?.json
        customSMSInput = parameters.customSMSInput?.json
        clientAttributes = parameters.options.clientAttributes?.json
        deviceID = parameters.options.deviceID
    }
}

/// What the handlers of sends share: how Mosaic's decision becomes an answer that does not tell who exists.
extension SendDecision {
    /// The answer of a send whose answer must not tell whether there is anybody to send to.
    ///
    /// - Parameters:
    ///   - accepted: the result for a receipt, or for nil and a reason when nothing was sent; the reason is nil unless
    ///     the caller may know it. Everything else in it must look the same for both.
    /// - Returns: the reply, with the true reason for the audit record.
    func uniformReply<Result>(
        in context: CallContext,
        _ accepted: (_ receipt: Receipt?, _ reason: String?) -> Result
    ) -> Reply<Result> {
        switch self {
        case .sent(let receipt):
            Reply(accepted(receipt, nil))
        case .withheld(let reason):
            Reply(accepted(nil, context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
        }
    }

    /// The receipt of a send whose code or link comes back in the answer.
    ///
    /// - Parameter status: the HTTP status of Mosaic's answer, for callers who may know it.
    /// - Throws: `not_found` when there is no such user: a caller that may have codes in the answer may know that.
    func receipt(status: Int?) throws(CallFailure) -> Receipt {
        switch self {
        case .sent(let receipt): return receipt
        case .withheld(let reason):
            throw CallFailure(
                .notFound,
                "Mosaic has no active user of that name with what the channel needs",
                outcome: .refused,
                upstream: status.map { ProtocolError.Upstream(status: $0) },
                reason: reason.rawValue
            )
        }
    }
}

extension Secret {
    /// An identifier on its way to Mosaic.
    init(_ identifier: Identifier) {
        self.init(copying: identifier.bytes)
    }
}

extension WireObject {
    /// The JSON text of an object whose members have been checked, to be forwarded.
    var json: JSONText { JSONText { encode(to: &$0) } }
}
