import AgentProtocol
import MosaicAPI
import StrictJSON

extension MethodRegistry {
    /// Adds the methods about sessions.
    mutating func addSessionMethods() {
        // `session.authenticate` by E22.
        on(SessionAuthenticate.self) { parameters, context in
            var request = SessionAuthenticateOperation(sessionID: parameters.sessionID)
            request.resource = parameters.resource
            request.organizationID = parameters.orgID
            request.claims = parameters.claims
            request.clientAttributes = parameters.clientAttributes.map { attributes in
                JSONText { writer in attributes.encode(to: &writer) }
            }
            request.deviceID = parameters.deviceID
            let tokens = try await context.perform(request)
            return Reply(try GrantedTokens(tokens))
        }
        // `session.logout` by E24.
        on(SessionLogout.self) { parameters, context in
            let request = SessionLogoutOperation(sessionID: parameters.sessionID)
            try await context.perform(request)
            return Reply(EmptyResult())
        }
        // `user.logout` by E15.
        on(UserLogout.self) { parameters, context in
            let request = UserLogoutOperation(accessToken: parameters.accessToken)
            let output = try await context.perform(request)
            return Reply(UserLogout.Result(sessionsCount: output.sessionsCount.map { Int(clamping: $0) }))
        }
        // `session.list` by E25.
        on(SessionList.self) { parameters, context in
            let request = SessionListOperation(userID: parameters.userID.bytes)
            let sessions = try await context.perform(request)
            var omitted = OmittedNames()
            omitted.add(elements: sessions.omitted)
            let list = sessions.elements.enumerated().map { index, session in
                omitted.add(session.element.omitted, of: "sessions", at: index)
                return SessionList.Session(
                    sessionID: session.element.sessionID,
                    startTime: session.element.startTime,
                    expirationTime: session.element.expirationTime
                )
            }
            return Reply(SessionList.Result(sessions: list, omitted: omitted.list))
        }
        // `session.revoke` by E26.
        on(SessionRevoke.self) { parameters, context in
            let request = SessionRevokeOperation(userID: parameters.userID.bytes)
            try await context.perform(request)
            return Reply(EmptyResult())
        }
    }
}
