import AgentProtocol
import MosaicAPI

/// What the handlers of logins with a code or a link share.
extension AuthenticationDecision {
    /// The answer, with the reason of a denial for the audit record and for those who may know it.
    func reply(in context: CallContext) throws(CallFailure) -> Reply<AuthenticationResult> {
        switch self {
        case .granted(let tokens):
            Reply(.granted(try GrantedTokens(tokens)))
        case .denied(let reason):
            Reply(.denied(reason: context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
        }
    }
}

extension MosaicAPI.AuthenticationOptions {
    /// The options that parameters ask for.
    init(_ options: AgentProtocol.AuthenticationOptions) {
        self.init()
        requestID = options.requestID
        sessionID = options.sessionID
        organizationID = options.orgID
        resource = options.resource
        claims = options.claims
        clientAttributes = options.clientAttributes?.json
        deviceID = options.deviceID
    }
}

extension GrantedTokens {
    /// What the caller gets of the tokens that Mosaic has issued.
    ///
    /// - Throws: `upstream_protocol` without a session, which the contract promises for these calls.
    init(_ tokens: UserTokens) throws(CallFailure) {
        guard let sessionID = tokens.sessionID else {
            throw CallFailure(
                .upstreamProtocol,
                "Mosaic's answer breaks its contract",
                outcome: .unknown,
                reason: "no_session_id"
            )
        }
        self.init(
            accessToken: tokens.accessToken,
            tokenType: tokens.tokenType,
            expiresIn: Int(clamping: tokens.expiresIn),
            sessionID: sessionID,
            idToken: tokens.idToken,
            refreshToken: tokens.refreshToken,
            userID: tokens.userID,
            amr: tokens.authenticationMethods
        )
    }
}
