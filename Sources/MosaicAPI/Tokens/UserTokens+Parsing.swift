import Secrets
import StrictJSON

extension UserTokens {
    /// Reads a shared token response.
    ///
    /// - Parameter requiresSession: Whether the endpoint's contract promises a `session_id`.
    /// - Returns: `nil` when the body breaks the contract.
    init?(parsing body: [UInt8], requiresSession: Bool) {
        guard let root = UpstreamJSON.root(of: body), let accessToken = Self.nonEmpty(root["access_token"]),
            let type = root["token_type"], TokenType.isBearer(type), let typeName = type.string,
            let seconds = root["expires_in"]?.seconds, RequiredMember.secondsRange.contains(seconds)
        else { return nil }
        let sessionID = Self.nonEmpty(root["session_id"])
        guard sessionID != nil || !requiresSession else { return nil }
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

    /// What a token response must have, to say what one lacks; the parser above looks for the same.
    static func requiredMembers(withSession: Bool) -> [RequiredMember] {
        [
            RequiredMember("access_token", .text), RequiredMember("token_type", .bearer),
            RequiredMember("expires_in", .seconds),
        ] + (withSession ? [RequiredMember("session_id", .text)] : [])
    }

    private static func nonEmpty(_ value: JSONValue?) -> Secret? {
        value?.secret.flatMap { $0.isEmpty ? nil : $0 }
    }
}
