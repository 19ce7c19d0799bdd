import AgentProtocol
import Secrets

extension FieldList {
    /// Adds a secret that the user has asked to see.
    mutating func add(_ name: String, secret: Secret?) {
        guard let secret else { return }
        var bytes: [UInt8] = []
        secret.withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        add(name, String(decoding: bytes, as: UTF8.self))
    }

    /// Adds the user a login was granted to and, if asked for, the tokens.
    mutating func add(_ granted: GrantedTokens, showTokens: Bool) {
        add("user id", granted.userID)
        add("methods", granted.amr?.joined(separator: " "))
        add("valid for", HumanUnits.duration(seconds: granted.expiresIn))
        guard showTokens else { return }
        add("token type", granted.tokenType)
        add("access token", secret: granted.accessToken)
        add("ID token", secret: granted.idToken)
        add("refresh token", secret: granted.refreshToken)
        add("session id", secret: granted.sessionID)
    }
}
