package import AgentProtocol
import MosaicAPI

/// Carries out `user.get` by E31–E36.
package struct UserGetHandler: MethodHandler {
    package typealias Method = UserGet

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: UserGet.Parameters,
        in context: CallContext
    ) async throws -> Reply<UserGet.Result> {
        let client = try clients.client(of: context)
        let user = try await client.perform(
            UserGetOperation(by: UserKey(parameters.user)),
            call: context.upstreamCall
        )
        return Reply(UserResult(user))
    }
}

extension UserKey {
    /// The look-up for a user named in this way.
    fileprivate init(_ target: Target) {
        let value = target.identifier.bytes
        self =
            switch target.kind {
            case .userID: .userID(value)
            case .username: .username(value)
            case .email: .email(value)
            case .phoneNumber: .phoneNumber(value)
            case .externalUserID: .externalUserID(value)
            default: .identifier(name: Array(target.kind.mosaicName.utf8), value: value)
            }
    }
}
