import AgentProtocol
import MosaicAPI
import Secrets

/// What the handlers of password resets share.
extension ResetRequest {
    /// The request that begins a reset for a user.
    ///
    /// - Throws: `internal` for a kind of identifier that resets do not take, which the schema lets nobody give.
    init(_ user: Target, _ options: ResetOptions = ResetOptions()) throws(CallFailure) {
        self.init(kind: try .init(user.kind), identifier: Secret(user.identifier))
        previousResetToken = options.previousResetToken
        ignoresMFA = options.ignoreMFA
    }
}

extension PasswordAuthenticateOperation.UsernameType {
    /// Mosaic's type of that name.
    ///
    /// - Throws: `internal` for a kind that the schema lets nobody give.
    init(_ kind: IdentifierKind) throws(CallFailure) {
        guard let type = Self(rawValue: kind.name) else {
            throw CallFailure(.internal, "no such kind of identifier", outcome: .notSent, reason: "identifier_kind")
        }
        self = type
    }
}

extension ResetDecision {
    /// The answer, with the reason of a denial for the audit record and for those who may know it.
    func reply(in context: CallContext) -> Reply<ResetFactorResult> {
        switch self {
        case .granted(let token):
            Reply(
                .granted(.init(resetToken: token.value, mfaRequired: token.requiresMFA)),
                reason: token.requiresMFA == true ? "mfa_required" : nil
            )
        case .denied(let reason):
            Reply(.denied(reason: context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
        }
    }
}
