import AgentProtocol
import StrictJSON

extension Report {
    /// The report of a login with a code or a link.
    init(_ result: AuthenticationResult, showTokens: Bool) {
        var list = FieldList()
        switch result {
        case .granted(let granted): list.add(granted, showTokens: showTokens)
        case .denied(let reason): list.add("reason", reason)
        }
        self.init(
            status: result.verdict == .granted ? .done : .denied,
            text: "\(result.verdict.name)\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }
}
