import AgentProtocol
import StrictJSON

extension Report {
    /// The report of a factor of a password reset.
    init(_ result: ResetFactorResult, showTokens: Bool) {
        var list = FieldList()
        switch result {
        case .granted(let granted):
            list.add("second factor", granted.mfaRequired.map { $0 ? "required" : "not required" })
            if showTokens { list.add("reset token", secret: granted.resetToken) }
        case .denied(let reason):
            list.add("reason", reason)
        }
        self.init(
            status: result.verdict == .granted ? .done : .denied,
            text: "\(result.verdict.name)\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }

    /// The report of a send that brings nothing back.
    init(_ result: SendResult) {
        var list = FieldList()
        list.add("reason", result.reason)
        self.init(text: "accepted\n" + list.text, result: JSONText { result.encode(to: &$0) })
    }
}
