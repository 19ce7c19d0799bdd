package import AgentProtocol
import MosaicAPI

/// Carries out `user.update` by E38.
package struct UserUpdateHandler: MethodHandler {
    package typealias Method = UserUpdate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: UserUpdate.Parameters,
        in context: CallContext
    ) async throws -> Reply<UserUpdate.Result> {
        let client = try clients.client(of: context)
        let user = try await client.perform(
            UserUpdateOperation(
                userID: parameters.userID.bytes,
                profile: MosaicUserProfile(parameters.profile),
                status: parameters.status
            ),
            in: context,
            conflict: "another user of the application has one of the identifiers"
        )
        return Reply(UserResult(user))
    }
}
