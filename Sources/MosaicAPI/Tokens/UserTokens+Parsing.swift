import Secrets
import StrictJSON

extension UserTokens {
    /// Reads a shared token response.
    ///
    /// - Parameter requiresSession: Whether the endpoint's contract promises a `session_id`.
    /// - Returns: `nil` when the body breaks the contract.
    init?(parsing body: [UInt8], requiresSession: Bool) {
        guard let root = try? JSONDocument(parsing: body, maximumDepth: 16).root,
            let accessToken = root["access_token"]?.secret, !accessToken.isEmpty,
            let tokenType = root["token_type"], TokenType.isBearer(tokenType), let typeName = tokenType.string,
            let seconds = root["expires_in"]?.number, seconds >= 0, seconds < 1e9
        else { return nil }
        let sessionID = Self.nonEmpty(root["session_id"])
        if requiresSession, sessionID == nil { return nil }
        let idToken = Self.nonEmpty(root["id_token"])
        let claims = idToken.flatMap(IDTokenClaims.init)
        self.init(
            accessToken: accessToken,
            tokenType: typeName,
            expiresIn: Int64(seconds),
            sessionID: sessionID,
            idToken: idToken,
            refreshToken: Self.nonEmpty(root["refresh_token"]),
            userID: claims?.subject,
            authenticationMethods: claims?.authenticationMethods
        )
    }

    private static func nonEmpty(_ value: JSONValue?) -> Secret? {
        value?.secret.flatMap { $0.isEmpty ? nil : $0 }
    }
}
