import AgentProtocol
import MosaicAPI
import Secrets
import StrictJSON

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
    /// - Throws: `not_found` when there is nobody: who may have codes in the answer may know that.
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
