package import AgentProtocol
import MosaicAPI
import StrictJSON

/// Carries out `session.authenticate` by E22.
package struct SessionAuthenticateHandler: MethodHandler {
    package typealias Method = SessionAuthenticate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: SessionAuthenticate.Parameters,
        in context: CallContext
    ) async throws -> Reply<GrantedTokens> {
        var request = SessionAuthenticateOperation(sessionID: parameters.sessionID)
        request.resource = parameters.resource
        request.organizationID = parameters.orgID
        request.claims = parameters.claims
        request.clientAttributes = parameters.clientAttributes.map { attributes in
            JSONText { writer in attributes.encode(to: &writer) }
        }
        request.deviceID = parameters.deviceID
        let tokens = try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(try GrantedTokens(tokens))
    }
}

/// Carries out `session.logout` by E24.
package struct SessionLogoutHandler: MethodHandler {
    package typealias Method = SessionLogout

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: SessionLogout.Parameters,
        in context: CallContext
    ) async throws -> Reply<EmptyResult> {
        let request = SessionLogoutOperation(sessionID: parameters.sessionID)
        try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(EmptyResult())
    }
}

/// Carries out `user.logout` by E15.
package struct UserLogoutHandler: MethodHandler {
    package typealias Method = UserLogout

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: UserLogout.Parameters,
        in context: CallContext
    ) async throws -> Reply<UserLogout.Result> {
        let request = UserLogoutOperation(accessToken: parameters.accessToken)
        let output = try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(UserLogout.Result(sessionsCount: output.sessionsCount.map { Int(clamping: $0) }))
    }
}

/// Carries out `session.list` by E25.
package struct SessionListHandler: MethodHandler {
    package typealias Method = SessionList

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: SessionList.Parameters,
        in context: CallContext
    ) async throws -> Reply<SessionList.Result> {
        let request = SessionListOperation(userID: parameters.userID.bytes)
        let sessions = try await clients.client(of: context).perform(request, call: context.upstreamCall)
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
}

/// Carries out `session.revoke` by E26.
package struct SessionRevokeHandler: MethodHandler {
    package typealias Method = SessionRevoke

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: SessionList.Parameters,
        in context: CallContext
    ) async throws -> Reply<EmptyResult> {
        let request = SessionRevokeOperation(userID: parameters.userID.bytes)
        try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(EmptyResult())
    }
}
