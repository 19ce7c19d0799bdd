import AgentProtocol
import Secrets
import StrictJSON

extension Report {
    /// The report of a result with secrets in it, which are left out unless they are to be shown.
    init(status: ExitStatus = .done, text: String, result: some MethodResult, showTokens: Bool) {
        let json = JSONText { result.encode(to: &$0) }
        let secrets = SecretRedactor(schema: type(of: result).schema)
        let (shown, withheld) = showTokens ? (json, []) : secrets.removed(from: json.value)
        self.init(status: status, text: text, result: shown, withheld: withheld)
    }
}

extension FieldList {
    /// Adds what a refresh or an exchange has brought; the tokens only if they are to be shown.
    mutating func add(_ issued: IssuedTokens, showTokens: Bool) {
        add("user id", issued.userID)
        add("methods", issued.amr?.joined(separator: " "))
        add("valid for", issued.expiresIn.map { HumanUnits.duration(seconds: $0) })
        guard showTokens else { return }
        add("token type", issued.tokenType)
        add("access token", secret: issued.accessToken)
        add("ID token", secret: issued.idToken)
        add("refresh token", secret: issued.refreshToken)
    }
}
